package document

// CleanSchema names the document of clean, and its version.
const CleanSchema = "haltscope.clean/v1"

// Clean is the document of `haltscope clean`: what was removed, and what was left.
type Clean struct {
	Schema      string `json:"schema"`
	Host        Host   `json:"host"`
	Twins       int    `json:"twins"`
	Networks    int    `json:"networks"`
	Images      int    `json:"images"`
	TwinsInUse  int    `json:"twins_in_use"`  // twins of runs that go on, left alone
	ImagesInUse int    `json:"images_in_use"` // images that a run needs that goes on, or may
	Left        []Left `json:"left"`          // what carries a label of haltscope's, and was left for another reason
}

// Left is a container, network or image that was left alone.
type Left struct {
	Kind   string `json:"kind"` // container, network, image
	ID     string `json:"id"`
	Name   string `json:"name"` // "" for an image without one
	Reason string `json:"reason"`
}
