package cli

import (
	"errors"
	"slices"
	"testing"
	"time"

	"haltscope/compare/fault"
)

// TestCheckRejects checks that flags that do not go together, and values out of range, are usage errors.
func TestCheckRejects(t *testing.T) {
	negative := -time.Second
	for name, c := range map[string]Check{
		"nothing to check":                    {},
		"--self-test of an image":             {Args: []string{"a"}, SelfTest: true},
		"--self-test of a container":          {Like: "a", SelfTest: true},
		"two images":                          {Args: []string{"a", "b"}},
		"an image and --like":                 {Args: []string{"a"}, Like: "web"},
		"--no-loss of an image":               {Args: []string{"a"}, NoLoss: true},
		"--ready-log of the workload":         {SelfTest: true, ReadyLog: "x"},
		"--ready-healthy of the workload":     {SelfTest: true, ReadyHealthy: true},
		"a negative time":                     {Args: []string{"a"}, Within: &negative},
		"a negative --ready-after":            {Args: []string{"a"}, ReadyAfter: negative},
		"no time to be ready":                 {Args: []string{"a"}, ReadyWithin: -1},
		"an exit code that does not exist":    {Args: []string{"a"}, ExitCode: []int{256}},
		"a size that is none":                 {Args: []string{"a"}, Memory: "much"},
		"a grace that is not whole seconds":   {Args: []string{"a"}, Grace: "1500ms"},
		"an event that Docker does not have":  {Args: []string{"a"}, Events: []string{"kill", "foo"}},
		"an event that no report lists":       {Args: []string{"a"}, Events: []string{"top"}},
		"the embedded workload with a volume": {SelfTest: true, serviceFlags: serviceFlags{Volume: []string{"/data"}}},
		"a copy of an image's volumes":        {Args: []string{"a"}, serviceFlags: serviceFlags{CopyVolumes: true}},
		"an unclosed quote":                   {Args: []string{"a"}, During: "echo 'x"},
		"a pattern that does not compile":     {Args: []string{"a"}, ReadyLog: "("},
	} {
		t.Run(name, func(t *testing.T) {
			if c.ReadyWithin == 0 {
				c.ReadyWithin = time.Minute
			}
			err := c.valid()
			if err == nil {
				_, err = c.options(nil)
			}
			var usage *fault.UsageError
			if !errors.As(err, &usage) {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestCheckOptions(t *testing.T) {
	c := Check{Args: []string{"my/app"}, During: `load --header 'a b'`, Grace: "5s", ReadyLog: "^listening", ReadyWithin: time.Minute,
		Memory: "64m"}
	if err := c.valid(); err != nil {
		t.Fatal(err)
	}
	o, err := c.options([]string{"app", "--flag"})
	if err != nil {
		t.Fatal(err)
	}
	if o.Image != "my/app" || !slices.Equal(o.Command, []string{"app", "--flag"}) ||
		!slices.Equal(o.During, []string{"load", "--header", "a b"}) ||
		len(o.Actions) != 1 || !o.Ready.Log.MatchString("listening on 80") {
		t.Errorf("%+v", o)
	}
	if e := c.expectations(); !e.Graceful || !e.NoSIGKILL {
		t.Errorf("the default is %+v", e)
	}
	c.NoOrphans = true
	if e := c.expectations(); e.Graceful || !e.NoOrphans {
		t.Errorf("%+v", e)
	}
}
