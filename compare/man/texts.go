package man

const description = `Docker says what it did. The kernel knows what happened. haltscope runs the docker binary, reads the cgroup files and
/proc itself, and puts the two accounts side by side, with the source of each figure. It is for people who run Docker on
Linux as root. cgroup v2 is what it is made for; v1 and hybrid hosts work too, and are named as such.

Only twins are changed, which compare, predict and check make for themselves and remove; except by kill, stop, pause,
unpause, start, restart and reclaim, of the containers that they are given.

Standard output carries the report and nothing else; standard error carries the log (JSON when it is no terminal) and, on
a terminal, progress. The README documents the JSON of the reports.`

// ExitCodes are what the program ends with.
var ExitCodes = []struct {
	Code int
	Text string
}{
	{0, "done"},
	{1, "something failed while running; a report may be there all the same"},
	{2, "usage: a flag, an action, an output path, or a document for report, that cannot be"},
	{3, "not as expected: check has an expectation that is not met, predict --verify saw what it did not predict"},
	{4, "this host is not fit: no docker binary, no daemon in reach, a daemon on another machine, not root, no cgroups; haltscope doctor tells what to do"},
	{5, "no such container or image"},
	{130, "interrupted; the twins have been removed. What an action verb has asked docker for may go on in the daemon"},
}

const environment = "Each flag also comes from the variable that is named behind it; the command line comes first."

type named struct{ name, text string }

var variables = []named{
	{"NO_COLOR", "no colours, unless --color says so."},
	{"DOCKER_HOST, DOCKER_CONTEXT, DOCKER_CONFIG", "docker's own, and handed on to it. The daemon must be on this machine."},
	{"HALTSCOPE_TWIN, HALTSCOPE_TWIN_PID", "are set for the command that check --during runs: the twin's id, and its first process."},
}

var files = []named{
	{"/sys/fs/cgroup", "the cgroup file systems, read; reclaim alone writes there, to memory.reclaim, or on cgroup v1 to memory.force_empty."},
	{"/proc", "processes, mounts, memory and swap of the host, read."},
	{"/etc/docker/daemon.json", "read for default-stop-timeout."},
	{"/usr/libexec/docker/cli-plugins/docker-haltscope", "where the system's docker looks for haltscope as its plugin; a user's does so in ~/.docker/cli-plugins, too."},
}

var examples = []struct{ text, command string }{
	{"What kill, stop and pause do, side by side, to three containers made for it:", "haltscope compare"},
	{"What Docker and the kernel each say of a container, and who holds its memory:", "haltscope inspect web"},
	{"What docker stop would do to it, and because of what:", "haltscope predict web"},
	{"A gate for a pipeline: does the image end by itself when it is stopped, and in time?", "haltscope check my/app --within 5s --graceful"},
	{"Memory of a paused container given back, the container left as it is:", "haltscope reclaim db"},
}
