// Package schema keeps the JSON schemas of the documents true to their Go types.
package schema

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/invopop/jsonschema"

	"haltscope/compare/document"
)

var update = flag.Bool("update", false, "write the schemas")

// TestSchemas compares each schema with its Go type. After a change of a type, this writes the schemas:
//
//	go -C compare/acceptance test ./schema -update
func TestSchemas(t *testing.T) {
	all := map[string]any{"haltscope.watch/v1": &document.WatchLine{}}
	for id, doc := range document.Kinds() {
		all[id] = doc
	}
	for id, doc := range all {
		name := strings.TrimPrefix(strings.TrimSuffix(id, "/v1"), "haltscope.")
		want := schemaOf(t, id, doc)
		file := filepath.Join("..", "..", "document", "schema", name+".json")
		if *update {
			if err := os.WriteFile(file, want, 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		got, err := document.Schema(name)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s is not the schema of %T: go -C compare/acceptance test ./schema -update", file, doc)
		}
	}
}

func schemaOf(t *testing.T, id string, doc any) []byte {
	t.Helper()
	r := &jsonschema.Reflector{DoNotReference: true, Anonymous: true}
	r.Mapper = func(of reflect.Type) *jsonschema.Schema { return maybe(r, of) }
	if err := r.AddGoComments("haltscope/compare/acceptance/schema", "../../document"); err != nil {
		t.Fatal(err)
	}
	s := r.Reflect(doc)
	s.Title = id
	if p, ok := s.Properties.Get("schema"); ok { // a line of watch has none
		p.Const = id
	}
	var text bytes.Buffer
	out := json.NewEncoder(&text)
	out.SetEscapeHTML(false)
	out.SetIndent("", "  ")
	if err := out.Encode(s); err != nil {
		t.Fatal(err)
	}
	return text.Bytes()
}

// maybe returns the schema of a value.Maybe: its value's, or null.
func maybe(r *jsonschema.Reflector, of reflect.Type) *jsonschema.Schema {
	if of.PkgPath() != "haltscope/compare/value" || !strings.HasPrefix(of.Name(), "Maybe[") {
		return nil
	}
	get, _ := of.MethodByName("Get")
	inner := r.ReflectFromType(get.Type.Out(0))
	inner.Version = ""
	return &jsonschema.Schema{AnyOf: []*jsonschema.Schema{inner, {Type: "null"}}}
}
