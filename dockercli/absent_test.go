package dockercli

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"
)

// refusals are what docker prints when it is asked about something that does not exist, by the version of the client, or of the
// engine if only that counts. Nothing depends on them: they show how much they differ.
var refusals = map[string][]string{
	"container": {
		"Error: No such container: x",                      // client 20.10.24
		"Error response from daemon: No such container: x", // client 28.2.2 and 29.7.2
		`Error: inspecting object: no such container "x"`,  // podman 4.3.1
		`Error: no such object: "x"`,                       // podman 5.4.2
		"es gibt keinen solchen Container",                 // a client to come
	},
	"image": {
		"Error: No such image: x", // client 20.10.24
		"Error response from daemon: no such image: x: No such image: x:latest",                               // client 28.2.2 and 29.7.2
		"Error response from daemon: no such image: X: invalid reference format: repository name must be …",   // engine 20.10.24
		"Error response from daemon: No such image: x:latest",                                                 // engine 29.7.2
		"Error response from daemon: invalid reference format: repository name (library/X) must be lowercase", // engine 29.7.2
		"Error: inspecting object: x: image not known",                                                        // podman 4.3.1
		"Bild fehlt", // a client to come
	},
	"network": {
		"Error: No such network: x",                       // client 20.10.24
		"Error response from daemon: network x not found", // client 28.2.2 and 29.7.2
		"Netz fehlt", // a client to come
	},
}

// Whether something exists is asked, and not read from docker's words.
func TestAbsent(t *testing.T) {
	ctx := context.Background()
	ask := map[string]func(*Client) error{
		"container": func(c *Client) error {
			found, err := c.Inspect(ctx, "x")
			if err == nil && len(found) == 0 {
				return ErrNotFound
			}
			return err
		},
		"image":   func(c *Client) error { _, err := c.ImageInspect(ctx, "x"); return err },
		"network": func(c *Client) error { _, err := c.NetworkInspect(ctx, "x"); return err },
	}
	lists := map[string]string{
		"container": `{"ID":"0123","Name":"web,other/x,x","State":"exited"}`, "image": "sha256:0123 x latest <none>", "network": "0123 x"}
	others := map[string]string{
		"container": `{"ID":"0123","Name":"xx,other/x","State":"exited"}`, "image": "sha256:0123 x 1.0 <none>", "network": "0123 xx"}
	for kind, words := range refusals {
		for _, text := range words {
			for name, c := range map[string]struct {
				list   string
				absent bool
			}{
				"not listed":       {"true", true},
				"others listed":    {"echo '" + others[kind] + "'", true},
				"listed":           {"echo '" + lists[kind] + "'", false},
				"daemon has ended": {"exit 1", false},
			} {
				script := `case "$1 $2" in ps*|images*|"network ls") ` + c.list + `;; *) echo '[]'; echo '` + text + `' >&2; exit 1;; esac`
				err := ask[kind](fake(t, script))
				if errors.Is(err, ErrNotFound) != c.absent || !c.absent && !strings.Contains(err.Error(), text) {
					t.Errorf("%s, %q, %s: %v", kind, text, name, err)
				}
			}
		}
	}
}

// A call that was given up says nothing of what exists.
func TestAbsentTimeout(t *testing.T) {
	docker := fake(t, `case $1 in ps|images) ;; *) exec sleep 60;; esac`)
	docker.Timeout = 100 * time.Millisecond
	if _, err := docker.ImageInspect(context.Background(), "x"); !errors.Is(err, ErrTimeout) || errors.Is(err, ErrNotFound) {
		t.Errorf("%v", err)
	}
	if _, err := docker.Inspect(context.Background(), "x"); !errors.Is(err, ErrTimeout) {
		t.Errorf("%v", err)
	}
}

// A container that is being removed may still be listed when docker no longer knows it.
func TestInspectRemovedMeanwhile(t *testing.T) {
	asked := t.TempDir() + "/asked"
	docker := fake(t, `case $1 in
ps) [ -e `+asked+` ] || echo '{"ID":"x","State":"removing"}'; touch `+asked+`;;
*) echo '[]'; echo gone >&2; exit 1;;
esac`)
	if found, err := docker.Inspect(context.Background(), "x"); err != nil || len(found) != 0 {
		t.Errorf("%+v, %v", found, err)
	}
}

func TestListsImage(t *testing.T) {
	const list = `sha256:4f1cabcd nginx latest sha256:aa11
sha256:4f1cabcd nginx 1.25 <none>
sha256:77777777 registry.example:5000/team/app v2 <none>
sha256:88888888 library/redis latest <none>
sha256:99999999 localhost/own latest <none>
sha256:55555555 <none> <none> <none>
`
	for _, ref := range []string{"nginx", "nginx:latest", "library/nginx", "nginx:1.25", "nginx@sha256:aa11", "4f1c",
		"sha256:4f1cabcd", "registry.example:5000/team/app:v2", "redis", "library/redis", "own", "555"} {
		if !listsImage(list, ref) {
			t.Errorf("%s was not found", ref)
		}
	}
	for _, ref := range []string{"", "ngin", "nginx:1.26", "nginx@sha256:bb22", "registry.example:5000/team/app", "team/app:v2", "sha256:",
		"NGINX", "<none>:latest", "f1ca"} {
		if listsImage(list, ref) {
			t.Errorf("%s was found", ref)
		}
	}
}

// Clients from 29.0 on list an image without a name only when they are asked for it.
func TestImagesWithoutName(t *testing.T) {
	docker := fake(t, `case "$*" in *dangling=true*) echo sha256:b;; *) echo sha256:a; echo sha256:a;; esac`)
	if ids, err := docker.Images(context.Background(), "a.label"); err != nil || strings.Join(ids, " ") != "sha256:a sha256:b" {
		t.Errorf("%v, %v", ids, err)
	}
}
