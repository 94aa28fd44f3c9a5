package document

import (
	"embed"
	"fmt"
	"slices"
	"strings"
)

//go:embed schema/*.json
var schemas embed.FS

// SchemaNames returns the names of the documents that have a schema, sorted.
func SchemaNames() []string {
	files, err := schemas.ReadDir("schema")
	if err != nil {
		panic(err) // it is built in
	}
	var names []string
	for _, f := range files {
		names = append(names, strings.TrimSuffix(f.Name(), ".json"))
	}
	return names
}

// Schema returns the JSON Schema (2020-12) of a document, such as "compare", or of a line of "watch".
func Schema(name string) ([]byte, error) {
	if !slices.Contains(SchemaNames(), name) {
		return nil, fmt.Errorf("no schema %q: there are %s (action is that of kill, stop, pause, unpause, start and restart)", name,
			strings.Join(SchemaNames(), ", "))
	}
	return schemas.ReadFile("schema/" + name + ".json")
}
