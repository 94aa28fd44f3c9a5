package dockercli

import (
	"context"
	"testing"
)

// Null, or an answer that lacks what makes it one, is an error, not a container without properties.
func TestNull(t *testing.T) {
	ctx := context.Background()
	questions := map[string]func(c *Client) error{
		"ps":               func(c *Client) error { _, err := c.Ps(ctx, true, Filter{}); return err },
		"ps with a filter": func(c *Client) error { _, err := c.Ps(ctx, true, Filter{Labels: []string{"a"}}); return err },
		"inspect":          func(c *Client) error { _, err := c.Inspect(ctx, "a"); return err },
		"find":             func(c *Client) error { _, err := c.Find(ctx, "a"); return err },
		"image":            func(c *Client) error { _, err := c.ImageInspect(ctx, "a"); return err },
		"info":             func(c *Client) error { _, err := c.Info(ctx); return err },
		"API version":      func(c *Client) error { _, err := c.APIVersion(ctx); return err },
		"endpoint":         func(c *Client) error { _, err := c.Endpoint(ctx); return err },
		"stats":            func(c *Client) error { _, err := c.Stats(ctx, "a"); return err },
		"top":              func(c *Client) error { _, err := c.Top(ctx, "a"); return err },
		"run":              func(c *Client) error { _, err := c.Run(ctx, nil, "image"); return err },
	}
	for what, ask := range questions {
		for _, answer := range []string{"null", "[null]", "{}", "[{}]", `{"ID":null}`, `[{"Id":null}]`, "5", `"text"`, "true"} {
			if err := ask(fake(t, "echo '"+answer+"'")); err == nil {
				t.Errorf("%s: %s passes for an answer", what, answer)
			}
		}
	}
	if _, err := fake(t, `case $1 in info) echo '{"ServerVersion":"20.10.24"}' ;; *) echo null ;; esac`).Info(ctx); err == nil {
		t.Error("null passes for a version of the client")
	}
	for _, line := range []string{"null", `{"Action":null,"Actor":{"ID":"a"},"timeNano":1}`,
		`{"Action":"die","Actor":null,"timeNano":1}`, `{"Action":"die","Actor":{"ID":"a"},"timeNano":null}`,
		`{"Action":"die","Actor":{"ID":"a"},"timeNano":"1"}`, `{"Action":5,"Actor":{"ID":"a"},"timeNano":1}`,
		`{"Action":"die","Actor":{"ID":5},"timeNano":1}`} {
		if _, err := ParseEvent([]byte(line)); err == nil {
			t.Errorf("%s passes for an event", line)
		}
	}
}

func TestNullPodman(t *testing.T) {
	for _, text := range []string{"null", "[null]", "[{}]"} {
		if _, err := parsePodmanPs([]byte(text)); err == nil {
			t.Errorf("%s passes for a list of containers", text)
		}
		if _, err := parsePodmanStats([]byte(text)); err == nil {
			t.Errorf("%s passes for figures", text)
		}
		if _, err := parseInspect(podmanInspect([]byte(text))); err == nil {
			t.Errorf("%s passes for containers", text)
		}
	}
	if _, err := parsePodmanEvent([]byte("null")); err == nil {
		t.Error("null passes for an event")
	}
}

// Of labels, only the values of haltscope's own and of compose's project, service and folder are kept.
func TestKeysOfCompose(t *testing.T) {
	var k Keys
	if err := k.UnmarshalJSON([]byte(`{"com.docker.compose.project":"shop","com.docker.compose.config-hash":"1","token":"2"}`)); err != nil {
		t.Fatal(err)
	}
	if k[ComposeProject] != "shop" || k["com.docker.compose.config-hash"] != "" || k["token"] != "" || !k.Has("token") || len(k) != 3 {
		t.Errorf("%q", k)
	}
}
