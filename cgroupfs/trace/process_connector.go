package trace

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"sync"
	"time"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"

	"haltscope/cgroupfs/figure"
)

// Processes reports the births, names and ends of all processes of this machine, through the kernel's process connector.
//
// It needs root and the initial user, PID and network namespaces: the kernel ignores requests from others. Source:
// drivers/connector/cn_proc.c, cn_proc_mcast_ctl; CONFIG_PROC_EVENTS.
type Processes struct {
	conn *netlink.Conn
	done chan struct{}

	mu     sync.Mutex
	events []Event
	err    error // why events are missing; nil if none is
}

// Event is what happened to a process, or to one of its threads.
type Event struct {
	What     What
	PID, TID int // of the new process, for a fork; the first thread has the number of the process
	Parent   int // the PID of the parent, for a fork
	// Name is what the process is called from now on, for a new name. For a new program it is read from /proc, and "" if the process had
	// ended by then.
	Name string
	// Status is how the thread ended, for an exit, in the form of wait(2). The whole process ended like that if it was its last thread.
	Status unix.WaitStatus
	At     time.Duration // since boot, by CLOCK_MONOTONIC: see Now

	request uint32 // the one that an answer is to
	refused unix.Errno
}

// What is a kind of event, by the kernel's number.
type What uint32

// The kinds of events. Source: include/uapi/linux/cn_proc.h, PROC_EVENT_*.
const (
	answer What = 0 // to a request: PROC_EVENT_NONE
	Fork   What = 0x00000001
	Exec   What = 0x00000002
	Comm   What = 0x00000200 // a thread changed its name; execve changes it without this event
	Exit   What = 0x80000000
)

const (
	answerLimit = time.Second
	// bufferBytes is the size of the socket's buffer. A message counts as about 1 KiB there.
	bufferBytes = 4 << 20
	// mostEvents bounds what is kept until the next call of Take.
	mostEvents = 1 << 16
)

// OpenProcesses begins to follow the processes of this machine. An error that wraps [os.ErrDeadlineExceeded] means that the kernel did not
// answer, as it does outside of the initial namespaces.
func OpenProcesses() (*Processes, error) {
	p, err := openProcesses()
	if err != nil {
		return nil, fmt.Errorf("process connector: %w", err)
	}
	return p, nil
}

func openProcesses() (*Processes, error) {
	conn, err := netlink.Dial(unix.NETLINK_CONNECTOR, &netlink.Config{Groups: connectorProcess})
	if err != nil {
		return nil, err
	}
	p := &Processes{conn: conn, done: make(chan struct{})}
	if err := p.begin(); err != nil {
		conn.Close()
		return nil, err
	}
	go p.run()
	return p, nil
}

// begin asks for the events, and waits for the kernel's answer.
func (p *Processes) begin() error {
	// There is no filter on the socket: when an event reaches no listener at all, the kernel forgets that there are any, and sends no more.
	// Source: cn_proc.c, send_msg, -ESRCH; net/netlink/af_netlink.c, do_one_broadcast, which counts what a filter drops as not delivered.
	if err := p.conn.SetReadBuffer(bufferBytes); err != nil {
		return err
	}
	// The kernel sends its answer to all that listen. No other program's request is likely to have the same number.
	number := rand.Uint32()
	if err := p.request(listen, number); err != nil {
		return err
	}
	if err := p.conn.SetReadDeadline(time.Now().Add(answerLimit)); err != nil {
		return err
	}
	for answered := false; !answered; {
		messages, err := p.conn.Receive()
		if err != nil {
			return err
		}
		for _, m := range messages {
			e, ok, err := parseEvent(m.Data)
			switch {
			case err != nil:
				return err
			case ok && e.What == answer && e.request == number && e.refused != 0:
				return e.refused
			case ok && e.What == answer:
				answered = answered || e.request == number
			case ok:
				p.events = append(p.events, e) // another program listens already
			}
		}
	}
	return p.conn.SetReadDeadline(time.Time{})
}

// Requests. Source: include/uapi/linux/cn_proc.h, enum proc_cn_mcast_op.
const (
	listen = 1 // PROC_CN_MCAST_LISTEN
	ignore = 2 // PROC_CN_MCAST_IGNORE
)

// request sends a request, in the form that kernels of all versions accept. The answer's ack is that of the request
// plus 1, and its seq counts events. Source: cn_proc.c, cn_proc_ack and send_msg.
func (p *Processes) request(op, number uint32) error {
	message := make([]byte, messageSize, messageSize+4)
	binary.NativeEndian.PutUint32(message, connectorProcess)
	binary.NativeEndian.PutUint32(message[4:], connectorProcess)
	binary.NativeEndian.PutUint32(message[12:], number)
	binary.NativeEndian.PutUint16(message[16:], 4)
	message = binary.NativeEndian.AppendUint32(message, op)
	_, err := p.conn.Send(netlink.Message{Header: netlink.Header{Type: netlink.Done}, Data: message})
	return err
}

// run receives events until the connection is closed.
func (p *Processes) run() {
	defer close(p.done)
	for {
		messages, err := p.conn.Receive()
		switch {
		case errors.Is(err, unix.ENOBUFS):
			p.add(nil, errors.New("process connector: the kernel dropped events"))
			continue
		case errors.Is(err, os.ErrClosed):
			return
		case err != nil:
			p.add(nil, fmt.Errorf("process connector: %w", err))
			return
		}
		for _, m := range messages {
			e, ok, err := parseEvent(m.Data)
			switch {
			case err != nil:
				p.add(nil, fmt.Errorf("process connector: %w", err))
			case ok && e.What != answer: // an answer is to another program
				if e.What == Exec {
					e.Name = comm(e.PID)
				}
				p.add(&e, nil)
			}
		}
	}
}

func (p *Processes) add(e *Event, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if e != nil && len(p.events) >= mostEvents {
		e, err = nil, fmt.Errorf("process connector: more than %d events were waiting", mostEvents)
	}
	if e != nil {
		p.events = append(p.events, *e)
	}
	if p.err == nil {
		p.err = err
	}
}

// Take returns the events since its last call, in the order in which the kernel sent them. The error says why some are missing, from the
// beginning on; the events are valid all the same.
func (p *Processes) Take() ([]Event, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	events := p.events
	p.events = nil
	return events, p.err
}

// Now returns the time by the clock of the events.
func Now() time.Duration {
	var now unix.Timespec
	// It cannot fail: every Linux has this clock, and the pointer is valid.
	_ = unix.ClockGettime(unix.CLOCK_MONOTONIC, &now)
	return time.Duration(now.Nano())
}

// Close ends the tap.
func (p *Processes) Close() error {
	// Before Linux 6.6 the kernel goes on to make events, for nobody, if this is not sent. Source: cn_proc.c, proc_event_num_listeners.
	err := p.request(ignore, rand.Uint32())
	err = errors.Join(err, p.conn.Close())
	<-p.done
	return err
}

// A message is a struct cn_msg and a struct proc_event, which has numbers in the byte order of the machine:
//
//	{idx, val, seq, ack uint32; len, flags uint16}
//	{what, cpu uint32; timestamp_ns uint64}, and then for
//	  an answer: err uint32
//	  a fork:    parent_pid, parent_tgid, child_pid, child_tgid int32
//	  an exec:   process_pid, process_tgid int32
//	  a name:    process_pid, process_tgid int32; comm [16]byte, which ends at the first zero
//	  an exit:   process_pid, process_tgid int32; exit_code, exit_signal uint32
//
// The kernel calls the number of a thread pid, and that of a process tgid. Source: include/uapi/linux/connector.h and cn_proc.h.
const (
	connectorProcess = 1 // idx, val and the multicast group: CN_IDX_PROC, CN_VAL_PROC

	messageSize = 20               // struct cn_msg
	dataAt      = messageSize + 16 // in front of what depends on the kind of event
)

// errShort means that a message ends within an event.
var errShort = errors.New("a message is too short")

// parseEvent parses a message. It returns false for an event that a tap does not report.
func parseEvent(message []byte) (e Event, ok bool, err error) {
	if len(message) < dataAt {
		return e, false, errShort
	}
	order := binary.NativeEndian
	if order.Uint32(message) != connectorProcess || order.Uint32(message[4:]) != connectorProcess {
		return e, false, nil
	}
	e.What = What(order.Uint32(message[messageSize:]))
	e.At = time.Duration(order.Uint64(message[messageSize+8:]))
	data := message[dataAt:]
	if len(data) < 16 { // the union is always sent as a whole
		return e, false, errShort
	}
	number := func(at int) int { return int(int32(order.Uint32(data[at:]))) }
	switch e.What {
	case Fork:
		e.Parent, e.TID, e.PID = number(4), number(8), number(12)
		return e, e.PID == e.TID, nil // else it is a new thread
	case Exec:
		e.TID, e.PID = number(0), number(4)
	case Comm:
		if len(data) < 24 {
			return e, false, errShort
		}
		e.TID, e.PID, e.Name = number(0), number(4), unix.ByteSliceToString(data[8:24])
	case Exit:
		e.TID, e.PID, e.Status = number(0), number(4), unix.WaitStatus(number(8))
	case answer:
		e.request, e.refused = order.Uint32(message[12:])-1, unix.Errno(number(0))
	default:
		return e, false, nil
	}
	return e, true, nil
}

// comm reads the name of a process that has just executed a program. It returns "" if the process has ended since.
func comm(pid int) string {
	data, state := figure.ReadFile(fmt.Sprintf("/proc/%d/comm", pid))
	if state != figure.Present {
		return ""
	}
	return string(bytes.TrimSuffix(data, []byte("\n")))
}
