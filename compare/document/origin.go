package document

// Origin says where and when a report was made, and by which haltscope. Reports of earlier versions lack it: each field may be "".
type Origin struct {
	Hostname         string `json:"hostname"`          // of the UTS namespace that haltscope ran in; "" if not known
	HaltscopeVersion string `json:"haltscope_version"` // as haltscope --version prints it
	ReportedAt       string `json:"reported_at"`       // when the report was complete: RFC 3339, UTC
}
