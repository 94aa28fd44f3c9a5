package proc

import (
	"net"
	"os"
	"slices"
	"testing"
)

// The tables of an nginx with one client, on Linux 6.18.
const (
	recordedTCP = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode" +
		"                                                     \n" +
		"   0: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 197915 1 000000001b164413 100 0 0 10 0" +
		"                    \n" +
		"   1: 0100007F:0050 0100007F:AACA 01 00000000:00000000 00:00000000 00000000    33        0 200058 1 00000000a80857bb 20 4 21 27 -1" +
		"                   \n" +
		"   2: 020200C0:BEB8 507100CB:01BB 06 00000000:00000000 03:00000B40 00000000     0        0 0 3 0000000089d91ac8" +
		"                                      \n"
	recordedTCP6 = "  sl  local_address                         remote_address                        st tx_queue rx_queue tr " +
		"tm->when retrnsmt   uid  timeout inode\n" +
		"   0: 00000000000000000000000000000000:18EB 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000" +
		"   999        0 241201 1 00000000cd220056 100 0 0 10 0\n"
)

func TestParseTCP(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want []TCPSocket
	}{
		"IPv4": {recordedTCP, []TCPSocket{{80, TCPListen, 197915}, {80, TCPEstablished, 200058}, {0xBEB8, 6, 0}}},
		"IPv6": {recordedTCP6, []TCPSocket{{6379, TCPListen, 241201}}},
		"none": {recordedTCP[:150], nil},
		"":     {"", nil},
	} {
		if got, err := parseTCP([]byte(c.text)); err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, %v; wanted %v", name, got, err, c.want)
		}
	}
	for _, bad := range []string{"\n", "   0: 00000000:0050 00000000:0000 0A\n", "   0: 00000000 00000000:0000 0A 0:0 00:0 0 0 0 1\n",
		"   0: 00000000:10050 00000000:0000 0A 0:0 00:0 0 0 0 1\n", "   0: 00000000:0050 00000000:0000 1AA 0:0 00:0 0 0 0 1\n",
		"   0: 00000000:0050 00000000:0000 0A 0:0 00:0 0 0 0 x\n"} {
		if got, err := parseTCP([]byte(bad)); err == nil {
			t.Errorf("%q: %v", bad, got)
		}
	}
}

func FuzzParseTCP(f *testing.F) {
	f.Add([]byte(recordedTCP))
	f.Add([]byte(recordedTCP6))
	f.Fuzz(func(t *testing.T, data []byte) {
		if all, err := parseTCP(data); err != nil && all != nil {
			t.Errorf("%v beside %v", all, err)
		}
	})
}

func TestParseSocketLink(t *testing.T) {
	for link, want := range map[string]uint64{"socket:[197915]": 197915, "socket:[]": 0, "socket:[1": 0, "pipe:[1]": 0, "/socket:[1]": 0} {
		if got, ok := parseSocketLink(link); got != want || ok != (want != 0) {
			t.Errorf("%q: %d, %t; wanted %d", link, got, ok, want)
		}
	}
}

// A connection of this process is found, with the descriptor that holds it.
func TestReadTCP(t *testing.T) {
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	client, err := net.Dial("tcp4", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	server, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	held, err := ReadSocketInodes(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	all, err := ReadTCP(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	port := uint16(listener.Addr().(*net.TCPAddr).Port)
	found := map[TCPState]int{}
	for _, s := range all {
		if s.LocalPort == port && held[s.Inode] {
			found[s.State]++
		}
	}
	if found[TCPListen] != 1 || found[TCPEstablished] != 1 {
		t.Errorf("port %d: %v", port, found)
	}
}
