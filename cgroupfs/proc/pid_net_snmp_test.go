package proc

import (
	"net"
	"os"
	"testing"

	"haltscope/cgroupfs/figure"
	"haltscope/cgroupfs/internal/figuretest"
)

const snmp = `Icmp: InMsgs InErrors
Icmp: 4 0
Tcp: RtoAlgorithm RtoMin RtoMax MaxConn ActiveOpens PassiveOpens AttemptFails EstabResets CurrEstab InSegs OutSegs
Tcp: 1 200 120000 -1 255 211 6 7 2 19083 12808
Udp: InDatagrams NoPorts
Udp: 41 0
`

func TestParseEstablished(t *testing.T) {
	for text, want := range map[string]figure.Figure{
		snmp:                           figure.Number(2),
		"Tcp: CurrEstab\nTcp: 0\n":     figure.Number(0),
		"Tcp: CurrEstab\nTcp: -1\n":    figure.Without(figure.Failed),
		"Tcp: CurrEstab\nTcp:\n":       figure.Without(figure.Failed),
		"Tcp: CurrEstab\n":             figure.Without(figure.Failed),
		"Tcp: InSegs\nTcp: 3\n":        figure.Without(figure.Unsupported),
		"Udp: CurrEstab\nUdp: 3\n":     figure.Without(figure.Unsupported),
		"TcpExt: CurrEstab\nTcpExt: 3": figure.Without(figure.Unsupported),
		"":                             figure.Without(figure.Unsupported),
	} {
		if got := parseEstablished([]byte(text)); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}

func FuzzParseEstablished(f *testing.F) {
	f.Add([]byte(snmp))
	figuretest.Fuzz(f, parseEstablished)
}

// TestEstablishedTCP checks that a connection of this test is counted.
func TestEstablishedTCP(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	client, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if n, ok := EstablishedTCP(os.Getpid()).Value(); !ok || n < 2 {
		t.Errorf("%d, %t", n, ok)
	}
	if got := EstablishedTCP(1 << 30); got.State() != figure.Vanished && got.State() != figure.Unsupported {
		t.Errorf("a process that does not exist: %s", got)
	}
}
