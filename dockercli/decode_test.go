package dockercli

import (
	"context"
	"testing"
)

// TestNull: null, or an answer without what makes it one, is an error, and not a container without properties.
func TestNull(t *testing.T) {
	ctx := context.Background()
	questions := map[string]func(c *Client) error{
		"ps":               func(c *Client) error { _, err := c.List(ctx, true); return err },
		"ps with a filter": func(c *Client) error { _, err := c.Listed(ctx, Filter{}); return err },
		"inspect":          func(c *Client) error { _, err := c.Inspect(ctx, "a"); return err },
		"find":             func(c *Client) error { _, err := c.Find(ctx, "a"); return err },
		"setups":           func(c *Client) error { _, err := c.Setups(ctx, "a"); return err },
		"image":            func(c *Client) error { _, err := c.ImageInspect(ctx, "a"); return err },
		"image's stop":     func(c *Client) error { _, err := c.ImageStop(ctx, "a"); return err },
		"info":             func(c *Client) error { _, err := c.Info(ctx); return err },
		"API version":      func(c *Client) error { _, err := c.APIVersion(ctx); return err },
		"endpoint":         func(c *Client) error { _, err := c.Endpoint(ctx); return err },
		"stats":            func(c *Client) error { _, err := c.Stats(ctx, "a"); return err },
		"top":              func(c *Client) error { _, err := c.Top(ctx, "a"); return err },
		"run":              func(c *Client) error { _, err := c.Run(ctx, nil, "image"); return err },
	}
	for what, ask := range questions {
		for _, answer := range []string{"null", "[null]", "{}", "[{}]", `{"ID":null}`, `[{"Id":null}]`, "5", `"text"`, "true"} {
			if what == "image's stop" && (answer == "[{}]" || answer == `[{"Id":null}]`) {
				continue // which says nothing of how it is stopped, as most images
			}
			if err := ask(fake(t, "echo '"+answer+"'")); err == nil {
				t.Errorf("%s: %s passes for an answer", what, answer)
			}
		}
	}
	if _, err := fake(t, `case $1 in info) echo '{"ServerVersion":"20.10.24"}' ;; *) echo null ;; esac`).Info(ctx); err == nil {
		t.Error("null passes for a version of the client")
	}
	for _, line := range []string{"null", `{"Action":null,"Actor":{"ID":"a"},"timeNano":1}`, `{"Action":"die","Actor":null,"timeNano":1}`, `{"Action":"die","Actor":{"ID":"a"},"timeNano":null}`,
		`{"Action":5,"Actor":{"ID":"a"},"timeNano":1}`, `{"Action":"die","Actor":{"ID":5},"timeNano":1}`} {
		if _, err := parseEvent([]byte(line)); err == nil {
			t.Errorf("%s passes for an event", line)
		}
		if _, err := ParseNotice([]byte(line)); err == nil {
			t.Errorf("%s passes for an event of a watch", line)
		}
	}
}

// TestNullState: what docker does not say of a container's state is not taken for no.
func TestNullState(t *testing.T) {
	for text, ok := range map[string]bool{
		`[]`: true, `[{"Id":"a","State":{"Status":"running","Running":true,"Pid":7},"Config":{"Labels":null,"StopTimeout":null}}]`: true,
		`[{"Id":"a","State":null}]`: false, `[{"Id":"a"}]`: false, `[{"Id":"a","State":{"Status":null}}]`: false,
		`[{"Id":"a","State":{"Status":"running","Running":null}}]`: false, `[{"Id":"a","State":{"Status":"running","Pid":null}}]`: false,
		`[{"Id":"a","State":{"Status":"exited","ExitCode":null}}]`: false, `[{"Id":"a","State":{"Status":"exited","OOMKilled":"no"}}]`: false,
	} {
		if _, err := parseInspect([]byte(text)); (err == nil) != ok {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestNullPodman(t *testing.T) {
	for _, text := range []string{"null", "[null]", "[{}]"} {
		if _, err := parsePodmanPs([]byte(text)); err == nil {
			t.Errorf("%s passes for a list of containers", text)
		}
		if _, err := parsePodmanStats([]byte(text)); err == nil {
			t.Errorf("%s passes for figures", text)
		}
		if _, err := parseInspect(podmanInspect([]byte(text))); err == nil {
			t.Errorf("%s passes for containers", text)
		}
	}
	if _, err := parsePodmanEvent([]byte("null")); err == nil {
		t.Error("null passes for an event")
	}
}
