package predict

import (
	"haltscope/compare/document"
	"haltscope/compare/rules/prediction"
	"haltscope/compare/value"
	"haltscope/dockercli"
)

// Document turns a prediction into its part of the JSON contract.
func Document(c dockercli.Container, f *prediction.Facts, p *prediction.Prediction) document.Predicted {
	d := document.Predicted{
		Name: value.Clean(trimSlash(c.Name)), ID: c.ID, Image: value.Clean(c.Config.Image),
		Signal:       document.StopSignal{Number: f.Signal, Name: f.StopSignal(), From: f.SignalFrom},
		Grace:        document.Grace{Ms: value.Known(value.Milliseconds(f.Grace)), From: f.GraceFrom},
		SignalTarget: receiver(&f.Receiver),
		Stop:         Outcome(&p.Stop), Kill: Outcome(&p.Kill), Pause: Outcome(&p.Pause),
		Unsignaled: []document.Unsignaled{}, Consequences: Because(p.Consequences), Fix: append([]string{}, p.Advice...),
	}
	if f.Grace < 0 {
		d.Grace.Ms = value.Absent[float64](value.Unsupported, "docker stop waits for ever")
	}
	for _, o := range f.Others {
		d.Unsignaled = append(d.Unsignaled, document.Unsignaled{PID: o.PID, Name: o.Name})
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
	p := r.Who()
	if p == nil {
		why := r.Error
		if why == "" {
			why = "nothing is behind " + r.Init
		}
		return document.SignalTarget{PID: value.Absent[int](value.Failed, why), Name: value.Absent[string](value.Failed, why),
			Program: value.Absent[string](value.Failed, why), NamespaceInit: value.Absent[bool](value.Failed, why),
			NSPID: []int{}, ForwardedBy: r.Init}
	}
	d := document.SignalTarget{PID: value.Known(p.PID), NSPID: append([]int{}, p.NSPID...), Name: value.Known(p.Name),
		Program: value.Known(p.Program), NamespaceInit: value.Known(p.NamespaceInit)}
	if p.Program == "" {
		d.Program = value.Absent[string](value.Failed, "/proc/PID/exe leads nowhere")
	}
	if p != &r.First {
		d.ForwardedBy = r.Init
	}
	return d
}

// Foretold turns an outcome into its part of the JSON contract.
func Outcome(o *prediction.Outcome) document.Outcome {
	f := document.Outcome{Outcome: string(o.Kind), Candidates: []string{}, ExitCodes: append([]int{}, o.ExitCodes...), OwnExitCode: o.OwnCode,
		AfterMs: value.Absent[float64](value.Unsupported, "the program decides"), Because: Because(o.Because), DecidedBy: o.Decides}
	for _, kind := range o.Candidates {
		f.Candidates = append(f.Candidates, string(kind))
	}
	if o.After != nil {
		f.AfterMs = value.Known(value.Milliseconds(*o.After))
	}
	return f
}

// Reasons turns what a prediction rests on into its part of the JSON contract.
func Because(all []prediction.Because) []document.Because {
	list := []document.Because{}
	for _, b := range all {
		list = append(list, document.Because{Source: b.Source, Value: b.Value})
	}
	return list
}
