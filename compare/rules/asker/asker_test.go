package asker

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const id = "9f2c61b8a0d34e57c1b2a3948576f0e1d2c3b4a5968778695a4b3c2d1e0f0011"

// Each client is a command line; one that begins with "<" was connected before, one that ends with "…" is cut.
// A working directory and "$" may be in front.
func TestJudge(t *testing.T) {
	for name, c := range map[string]struct {
		action   Action
		compose  bool
		inFlight bool
		missed   bool // a client may have been missed
		clients  []string
		want     Answer
	}{
		"none":                  {clients: nil, inFlight: true, want: Answer{Who: -1}},
		"docker stop":           {clients: []string{"docker stop web"}, want: Answer{Who: 0}},
		"docker kill":           {clients: []string{"/usr/bin/docker kill -s TERM web"}, want: Answer{Who: 0}},
		"docker container stop": {clients: []string{"docker container stop web"}, want: Answer{Who: 0}},
		"with a host":           {clients: []string{"docker -H unix:///run/docker.sock --debug rm -f web"}, want: Answer{Who: 0}},
		"by id":                 {clients: []string{"docker stop other 9f2c61b8a0d3"}, want: Answer{Who: 0}},
		"by full id":            {clients: []string{"docker restart " + id}, want: Answer{Who: 0}},
		"another container":     {clients: []string{"docker stop web-2"}, inFlight: true, want: Answer{Who: -1}},
		"a short id": {clients: []string{"<traefik", "docker stop 9f2c"}, inFlight: true,
			want: Answer{Who: -1, OneOf: []int{0, 1}}},
		"a short id, alone":      {clients: []string{"docker stop 9"}, inFlight: true, want: Answer{Who: 0, Only: true}},
		"a short id of another":  {clients: []string{"<traefik", "docker stop 9f2d"}, inFlight: true, want: Answer{Who: 0, Only: true}},
		"a short id and another": {action: Pause, clients: []string{"docker stop 9f2c"}, inFlight: true, want: Answer{Who: -1}},
		"cut": {clients: []string{"<traefik", "docker stop web-2 …"}, inFlight: true,
			want: Answer{Who: -1, OneOf: []int{0, 1}}},
		"cut after its name":   {clients: []string{"<traefik", "docker stop web …"}, inFlight: true, want: Answer{Who: 1}},
		"cut, another action":  {action: Pause, clients: []string{"docker stop web-2 …"}, inFlight: true, want: Answer{Who: -1}},
		"commit":               {action: Pause, clients: []string{"<traefik", "docker commit web copy"}, inFlight: true, want: Answer{Who: 1}},
		"the end of a commit":  {action: Unpause, clients: []string{"docker container commit web copy"}, inFlight: true, want: Answer{Who: 0}},
		"commit of another":    {action: Pause, clients: []string{"docker commit web-2 copy"}, inFlight: true, want: Answer{Who: -1}},
		"commit sends nothing": {clients: []string{"docker commit web copy"}, inFlight: true, want: Answer{Who: -1}},
		"another action":       {action: Pause, clients: []string{"docker stop web"}, inFlight: true, want: Answer{Who: -1}},
		"pause":                {action: Pause, clients: []string{"docker pause web"}, want: Answer{Who: 0}},
		"a stop that resumes":  {action: Unpause, clients: []string{"docker stop web"}, want: Answer{Who: 0}},
		"passive": {clients: []string{"docker events", "docker logs -f web", "docker container ls", "docker stop web"},
			want: Answer{Who: 3}},
		"only passive":  {clients: []string{"docker logs -f web", "docker stats"}, inFlight: true, want: Answer{Who: -1}},
		"two":           {clients: []string{"docker stop web", "docker kill web"}, want: Answer{Who: -1, OneOf: []int{0, 1}}},
		"one was there": {clients: []string{"<docker stop web", "docker kill web"}, want: Answer{Who: 1}},
		"both were there": {clients: []string{"<docker stop web", "<docker kill web"},
			want: Answer{Who: -1, OneOf: []int{0, 1}}},
		"the API": {clients: []string{"portainer", "curl -X POST --unix-socket /run/docker.sock http://d/v1.41/containers/web/stop?t=3"},
			want: Answer{Who: 1}},
		"the API, removal": {clients: []string{"curl -X DELETE --unix-socket /run/docker.sock http://d/containers/web?force=1"},
			want: Answer{Who: 0}},
		"one other":             {clients: []string{"docker events", "portainer"}, inFlight: true, want: Answer{Who: 1, Only: true}},
		"one other, gone maybe": {clients: []string{"portainer"}, want: Answer{Who: -1}},
		"one other, one missed": {clients: []string{"portainer"}, inFlight: true, missed: true, want: Answer{Who: -1, OneOf: []int{0}}},
		"two others":            {clients: []string{"portainer", "watchtower"}, inFlight: true, want: Answer{Who: -1, OneOf: []int{0, 1}}},
		"sig-proxy":             {clients: []string{"docker run --rm web"}, inFlight: true, want: Answer{Who: 0, Only: true}},
		"compose, its service":  {compose: true, clients: []string{"docker-compose compose stop api"}, want: Answer{Who: 0}},
		"compose, its project":  {compose: true, clients: []string{"docker compose -p shop stop"}, want: Answer{Who: 0}},
		"compose, its project=": {compose: true, clients: []string{"docker-compose compose --project-name=shop down"}, want: Answer{Who: 0}},
		"compose, its folder":   {compose: true, clients: []string{"/srv/shop$ docker-compose compose stop"}, want: Answer{Who: 0}},
		"compose, old":          {compose: true, clients: []string{"/usr/bin/docker-compose -p shop down"}, want: Answer{Who: 0}},
		"compose, of which project is open": {compose: true, clients: []string{"/srv/blog$ docker-compose compose stop", "portainer"},
			inFlight: true, want: Answer{Who: -1, OneOf: []int{0, 1}}},
		"compose, another project": {compose: true, clients: []string{"/srv/shop$ docker-compose compose -p blog stop api", "portainer"},
			inFlight: true, want: Answer{Who: 1, Only: true}},
		"compose, a port": {compose: true, clients: []string{"docker-compose compose run -p 80:80 api"}, inFlight: true,
			want: Answer{Who: 0, Only: true}},
		"compose, two projects": {compose: true, clients: []string{"/srv/blog$ docker-compose compose stop",
			"/srv/shop$ docker-compose compose stop"}, inFlight: true, want: Answer{Who: 1}},
		"compose up": {compose: true, clients: []string{"docker-compose compose up"}, inFlight: true,
			want: Answer{Who: 0, Only: true}},
		"compose, not its":       {clients: []string{"docker-compose compose stop"}, inFlight: true, want: Answer{Who: -1}},
		"an unreadable one":      {clients: []string{""}, inFlight: true, want: Answer{Who: 0, Only: true}},
		"an unreadable one, too": {clients: []string{"", "docker stop web"}, inFlight: true, want: Answer{Who: 1}},
	} {
		r := Request{Action: c.action, ID: id, Name: "web", InFlight: c.inFlight, Complete: !c.missed}
		if c.compose {
			r.Compose = &Compose{Project: "shop", Service: "api", Dir: "/srv/shop"}
		}
		if r.Action == "" {
			r.Action = Signal
		}
		var clients []Client
		for _, line := range c.clients {
			args, earlier := strings.CutPrefix(line, "<")
			args, cut := strings.CutSuffix(args, "…")
			dir, command, ok := strings.Cut(args, "$ ")
			if !ok {
				dir, command = "", args
			}
			clients = append(clients, Client{Args: strings.Fields(command), Cut: cut, Dir: dir, Earlier: earlier})
		}
		if diff := cmp.Diff(c.want, Judge(r, clients)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}
