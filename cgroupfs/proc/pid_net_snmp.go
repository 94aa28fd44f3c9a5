package proc

import (
	"bytes"
	"fmt"

	"haltscope/cgroupfs/figure"
)

// EstablishedTCP returns how many TCP connections are established in the network namespace of a process, over IPv4 and IPv6. The kernel
// keeps the count, so this takes microseconds; [ReadTCP] takes milliseconds, because the table of sockets is large even if it is empty.
// It counts connections that the other side has closed (CLOSE_WAIT) as well.
func EstablishedTCP(pid int) figure.Figure {
	data, state := figure.ReadFile(fmt.Sprintf("/proc/%d/net/snmp", pid))
	if state != figure.Present {
		return figure.Without(state)
	}
	return parseEstablished(data)
}

// parseEstablished parses the column CurrEstab of TCP. Each protocol has two lines: the names of its columns, and their values.
//
//	Tcp: RtoAlgorithm RtoMin RtoMax MaxConn ActiveOpens PassiveOpens AttemptFails EstabResets CurrEstab InSegs …
//	Tcp: 1 200 120000 -1 255 211 6 7 2 19083 …
//
// Source: net/ipv4/proc.c, snmp_seq_show_tcp_udp; networking/snmp_counter.rst, TcpCurrEstab; RFC 4022.
func parseEstablished(data []byte) figure.Figure {
	column := -1
	for line := range bytes.Lines(data) {
		fields := bytes.Fields(line)
		switch {
		case len(fields) == 0 || string(fields[0]) != "Tcp:":
		case column >= len(fields):
			return figure.Without(figure.Failed)
		case column >= 0:
			return figure.Parse(fields[column])
		default:
			for i, name := range fields {
				if string(name) == "CurrEstab" {
					column = i
				}
			}
			if column < 0 {
				return figure.Without(figure.Unsupported)
			}
		}
	}
	if column >= 0 {
		return figure.Without(figure.Failed)
	}
	return figure.Without(figure.Unsupported)
}
