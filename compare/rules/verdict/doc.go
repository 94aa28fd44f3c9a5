// Package verdict decides how a container ended, or whether it is paused, and which observations the verdict rests on.
//
// [Judge] takes [Facts]: what Docker's events, docker inspect and the kernel reported about one run, and what the process would
// have done with the signal. It returns a [Verdict]: a [Kind] with the observations that it rests on. Facts that nobody could
// find out are nil; where they would have decided, the verdict is [Inconclusive] and says what is missing.
//
//	running.go      it has not ended: the freezer decides, or why it outlived a signal
//	alive.go        the kernel shows that it lives, whatever Docker says; or what keeps it from ending
//	ended.go        it has ended: by whom?
//	by_signal.go    within the grace, after a signal of Docker's: graceful or terminated
//	by_itself.go    without a signal of Docker's: exited or crashed
//	sigkill.go      by SIGKILL: the grace ran out, a client, dockerd, a lost shim, the end of a PID namespace, or somebody
//	                outside Docker
//	reboot.go       by reboot(2) inside the container
//	restart.go      docker restart and docker rm, which are judged together with the run before them
//
// The package is pure: no clock, no process, no file.
package verdict
