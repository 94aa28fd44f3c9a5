package acceptance

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"haltscope/compare/document"
)

// contract returns the compiled schemas of all documents, by the value of their field schema.
var contract = sync.OnceValue(func() map[string]*jsonschema.Schema {
	all := map[string]*jsonschema.Schema{}
	for _, name := range document.SchemaNames() {
		text, err := document.Schema(name)
		if err != nil {
			panic(err)
		}
		parsed, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
		if err != nil {
			panic(err)
		}
		c := jsonschema.NewCompiler()
		if err := c.AddResource(name+".json", parsed); err != nil {
			panic(err)
		}
		all["haltscope."+name+"/v1"] = c.MustCompile(name + ".json")
	}
	return all
})

// checkedTexts remembers the documents that passed, because stories look at one document many times.
var checkedTexts sync.Map

// followsSchema returns an error unless a document of haltscope, or a line of watch, follows its schema. Other JSON
// passes.
func followsSchema(text string) error {
	if _, ok := checkedTexts.Load(text); ok {
		return nil
	}
	parsed, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		return nil // not a single JSON value, which its reader reports
	}
	object, _ := parsed.(map[string]any)
	id, _ := object["schema"].(string)
	if _, ok := object["action"]; ok && id == "" && object["level"] != nil {
		id = "haltscope.watch/v1"
	}
	schema, ok := contract()[id]
	if !ok {
		if strings.HasPrefix(id, "haltscope.") {
			return fmt.Errorf("there is no schema for %s", id)
		}
		return nil
	}
	if err := schema.Validate(parsed); err != nil {
		return fmt.Errorf("it does not follow its schema: %w", err)
	}
	if id != "haltscope.watch/v1" {
		checkedTexts.Store(text, true)
	}
	return nil
}

// readReport reads a report that haltscope has written, which must follow its schema.
func readReport(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := followsSchema(string(data)); err != nil {
		t.Errorf("%s: %v", path, err)
	}
	return data
}
