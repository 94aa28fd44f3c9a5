package foresee

import (
	"time"

	"haltscope/compare/predict"
	"haltscope/compare/report"
	"haltscope/dockercli"
)

// Document turns a prediction into its part of the JSON contract.
func Document(c dockercli.Container, f *predict.Facts, p *predict.Prediction) report.Predicted {
	d := report.Predicted{
		Name: dockercli.Clean(trimSlash(c.Name)), ID: c.ID, Image: dockercli.Clean(c.Config.Image),
		Signal:   report.StopSignal{Number: f.Signal, Name: f.StopSignal(), From: f.SignalFrom},
		Grace:    report.Grace{Ms: report.Known(ms(f.Grace)), From: f.GraceFrom},
		Receiver: receiver(&f.Receiver),
		Stop:     Foretold(&p.Stop), Kill: Foretold(&p.Kill), Pause: Foretold(&p.Pause),
		Others: []report.Untold{}, Consequences: Reasons(p.Consequences), Advice: append([]string{}, p.Advice...),
	}
	if f.Grace < 0 {
		d.Grace.Ms = report.Absent[float64](report.Unsupported, "docker stop waits for ever")
	}
	for _, o := range f.Others {
		d.Others = append(d.Others, report.Untold{PID: o.PID, Name: o.Name})
	}
	return d
}

func trimSlash(name string) string {
	if len(name) > 0 && name[0] == '/' {
		return name[1:]
	}
	return name
}

func receiver(r *predict.Receiver) report.Receiver {
	p := r.Who()
	if p == nil {
		why := r.Error
		if why == "" {
			why = "nothing is behind " + r.Init
		}
		return report.Receiver{PID: report.Absent[int](report.Failed, why), Name: report.Absent[string](report.Failed, why),
			Program: report.Absent[string](report.Failed, why), NamespaceInit: report.Absent[bool](report.Failed, why),
			NSPID: []int{}, Behind: r.Init}
	}
	d := report.Receiver{PID: report.Known(p.PID), NSPID: append([]int{}, p.NSPID...), Name: report.Known(p.Name),
		Program: report.Known(p.Program), NamespaceInit: report.Known(p.NamespaceInit)}
	if p.Program == "" {
		d.Program = report.Absent[string](report.Failed, "/proc/PID/exe leads nowhere")
	}
	if p != &r.First {
		d.Behind = r.Init
	}
	return d
}

// Foretold turns an outcome into its part of the JSON contract.
func Foretold(o *predict.Outcome) report.Foretold {
	f := report.Foretold{Outcome: string(o.Kind), Candidates: []string{}, ExitCodes: append([]int{}, o.ExitCodes...), OwnExitCode: o.OwnCode,
		AfterMs: report.Absent[float64](report.Unsupported, "the program decides"), Because: Reasons(o.Because), Decides: o.Decides}
	for _, kind := range o.Candidates {
		f.Candidates = append(f.Candidates, string(kind))
	}
	if o.After != nil {
		f.AfterMs = report.Known(ms(*o.After))
	}
	return f
}

// Reasons turns what a prediction rests on into its part of the JSON contract.
func Reasons(all []predict.Because) []report.Reason {
	list := []report.Reason{}
	for _, b := range all {
		list = append(list, report.Reason{Source: b.Source, Value: b.Value})
	}
	return list
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
