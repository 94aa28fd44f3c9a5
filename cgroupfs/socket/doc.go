// Package socket reads who is connected to a local socket of this machine: the kernel lists the connections, and /proc the processes
// that hold them.
package socket
