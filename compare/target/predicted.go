package target

import (
	"haltscope/compare/document"
	"haltscope/compare/rules/prediction"
	"haltscope/compare/value"
	"haltscope/dockercli"
)

// Predicted returns a prediction for the JSON contract.
func Predicted(c dockercli.Container, f *prediction.Facts, p *prediction.Prediction) document.Predicted {
	d := document.Predicted{
		Name: c.DisplayName(), ID: c.ID, Image: value.Clean(c.Config.Image),
		Signal:       document.StopSignal{Number: int(f.Signal), Name: f.StopSignalName(), From: f.SignalFrom},
		Grace:        document.Grace{Ms: value.Known(value.Milliseconds(f.Grace)), From: f.GraceFrom},
		SignalTarget: signalTarget(&f.Target),
		Stop:         Outcome(&p.Stop), Kill: Outcome(&p.Kill), Pause: Outcome(&p.Pause),
		AfterReboot: &document.AfterReboot{Outcome: p.Reboot.Kind, Because: Evidence(p.Reboot.Because)}, AtRisk: []document.Risk{},
		Unsignaled: []document.Unsignaled{}, Consequences: Evidence(p.Consequences),
	}
	d.Fix, d.Warnings = FixAndWarn(p.Advice, c.DisplayName(), LookAgain(c.DisplayName()))
	if f.Grace < 0 {
		d.Grace.Ms = value.Absent[float64](value.Unsupported, "docker stop waits forever")
	}
	for _, r := range p.Risks {
		d.AtRisk = append(d.AtRisk, document.Risk{Kind: string(r.Kind), Names: append([]string{}, r.Names...), Count: r.Count, Bytes: r.Bytes})
	}
	for _, u := range f.Unsignaled {
		d.Unsignaled = append(d.Unsignaled, document.Unsignaled{PID: u.PID, Name: u.Name})
	}
	return d
}

// signalTarget returns the signal target for the JSON contract.
func signalTarget(r *prediction.SignalTarget) document.SignalTarget {
	p := r.Process()
	if p == nil {
		why := r.Error
		if why == "" {
			why = r.Init + " has no child to forward signals to"
		}
		return document.SignalTarget{PID: value.Absent[int](value.Failed, why), Name: value.Absent[string](value.Failed, why),
			Program: value.Absent[string](value.Failed, why), NamespaceInit: value.Absent[bool](value.Failed, why),
			NSPID: []int{}, ForwardedBy: r.Init}
	}
	d := document.SignalTarget{PID: value.Known(p.PID), NSPID: append([]int{}, p.NSPID...), Name: value.Known(p.Name),
		Program: value.Known(p.Program), NamespaceInit: value.Known(p.NamespaceInit)}
	if p.Program == "" {
		d.Program = value.Absent[string](value.Failed, "/proc/PID/exe names no program")
	}
	if p != &r.First {
		d.ForwardedBy = r.Init
	}
	return d
}

// Outcome returns an outcome for the JSON contract.
func Outcome(o *prediction.Outcome) document.Outcome {
	d := document.Outcome{Outcome: o.Kind, Candidates: append([]value.Kind{}, o.Candidates...),
		ExitCodes: append([]int{}, o.ExitCodes...), OwnExitCode: o.OwnExitCode,
		AfterMs: value.Absent[float64](value.Unsupported, "the program decides"), Because: Evidence(o.Because), DecidedBy: o.DecidedBy,
		Reason: string(o.Reason)}
	if o.After != nil {
		d.AfterMs = value.Known(value.Milliseconds(*o.After))
	}
	return d
}

// Evidence returns evidence for the JSON contract.
func Evidence(all []prediction.Evidence) []document.Because {
	list := []document.Because{}
	for _, e := range all {
		list = append(list, document.Because{Source: e.Source, Value: e.Value})
	}
	return list
}

// PredictDockerOnly says why there are no predictions for other engines.
const PredictDockerOnly = "its rules are those of Docker's engine, including paused containers, restart policies and defaults"
