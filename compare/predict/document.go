package predict

import (
	"time"

	"haltscope/compare/document"
	"haltscope/compare/rules/prediction"
	"haltscope/compare/value"
	"haltscope/dockercli"
)

// Document turns a prediction into its part of the JSON contract.
func Document(c dockercli.Container, f *prediction.Facts, p *prediction.Prediction) document.Predicted {
	d := document.Predicted{
		Name: value.Clean(trimSlash(c.Name)), ID: c.ID, Image: value.Clean(c.Config.Image),
		Signal:   document.StopSignal{Number: int(f.Signal), Name: f.StopSignalName(), From: f.SignalFrom},
		Grace:    document.Grace{Ms: value.Known(ms(f.Grace)), From: f.GraceFrom},
		Receiver: receiver(&f.Target),
		Stop:     Outcome(&p.Stop), Kill: Outcome(&p.Kill), Pause: Outcome(&p.Pause),
		Others: []document.Unsignaled{}, Consequences: Evidence(p.Consequences), Advice: append([]string{}, p.Advice...),
	}
	if f.Grace < 0 {
		d.Grace.Ms = value.Absent[float64](value.Unsupported, "docker stop waits for ever")
	}
	for _, o := range f.Unsignaled {
		d.Others = append(d.Others, document.Unsignaled{PID: o.PID, Name: o.Name})
	}
	return d
}

func trimSlash(name string) string {
	if len(name) > 0 && name[0] == '/' {
		return name[1:]
	}
	return name
}

func receiver(r *prediction.SignalTarget) document.SignalTarget {
	p := r.Process()
	if p == nil {
		why := r.Error
		if why == "" {
			why = "nothing is behind " + r.Init
		}
		return document.SignalTarget{PID: value.Absent[int](value.Failed, why), Name: value.Absent[string](value.Failed, why),
			Program: value.Absent[string](value.Failed, why), NamespaceInit: value.Absent[bool](value.Failed, why),
			NSPID: []int{}, Behind: r.Init}
	}
	d := document.SignalTarget{PID: value.Known(p.PID), NSPID: append([]int{}, p.NSPID...), Name: value.Known(p.Name),
		Program: value.Known(p.Program), NamespaceInit: value.Known(p.NamespaceInit)}
	if p.Program == "" {
		d.Program = value.Absent[string](value.Failed, "/proc/PID/exe leads nowhere")
	}
	if p != &r.First {
		d.Behind = r.Init
	}
	return d
}

// Foretold turns an outcome into its part of the JSON contract.
func Outcome(o *prediction.Outcome) document.Outcome {
	f := document.Outcome{Outcome: string(o.Kind), Candidates: []string{}, ExitCodes: append([]int{}, o.ExitCodes...), OwnExitCode: o.OwnExitCode,
		AfterMs: value.Absent[float64](value.Unsupported, "the program decides"), Because: Evidence(o.Because), Decides: o.DecidedBy}
	for _, kind := range o.Candidates {
		f.Candidates = append(f.Candidates, string(kind))
	}
	if o.After != nil {
		f.AfterMs = value.Known(ms(*o.After))
	}
	return f
}

// Reasons turns what a prediction rests on into its part of the JSON contract.
func Evidence(all []prediction.Evidence) []document.Because {
	list := []document.Because{}
	for _, b := range all {
		list = append(list, document.Because{Source: b.Source, Value: b.Value})
	}
	return list
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
