package document

// CleanSchema is the schema of [Clean].
const CleanSchema = "haltscope.clean/v1"

// Clean is the report of haltscope clean: what was removed, and what was kept.
type Clean struct {
	Schema      string `json:"schema"`
	Host        Host   `json:"host"`
	Twins       int    `json:"twins"`
	Networks    int    `json:"networks"`
	Images      int    `json:"images"`
	TwinsInUse  int    `json:"twins_in_use"`  // twins of active runs, kept
	ImagesInUse int    `json:"images_in_use"` // images that an active run uses or may use, kept
	Left        []Left `json:"left"`          // other objects with a label of haltscope's, kept
}

// Left is a container, network or image that was kept.
type Left struct {
	Kind   string `json:"kind"` // container, network, image
	ID     string `json:"id"`
	Name   string `json:"name"` // "" for an image without a name
	Reason string `json:"reason"`
}
