package workload

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
)

// readBack counts the records on disk.
func (w *workload) readBack() (int, error) {
	if _, err := w.records.Seek(0, io.SeekStart); err != nil {
		return 0, err
	}
	return countRecords(w.records)
}

// countRecords counts records, which must be 1, 2, 3, … without a gap. A last line that is cut off is not a record.
func countRecords(r io.Reader) (int, error) {
	in := bufio.NewReader(r)
	for n := 0; ; n++ {
		line, err := in.ReadString('\n')
		if err == io.EOF {
			return n, nil
		}
		if err != nil {
			return n, fmt.Errorf("reading the records back: %w", err)
		}
		if seq, err := strconv.Atoi(line[:len(line)-1]); err != nil || seq != n+1 {
			return n, fmt.Errorf("reading the records back: record %d reads %q", n+1, line)
		}
	}
}

// accept accepts all records that are due, and acknowledges them. It writes a full buffer only after the next record was
// acknowledged, and without that record: at any moment, there is an acknowledged record that can be lost.
func (w *workload) accept(due int) error {
	if w.accepted >= due {
		return nil
	}
	for ; w.accepted < due; w.accepted++ {
		w.buffer = append(w.buffer, w.persisted+len(w.buffer)+1)
	}
	if err := w.write(Line{Ack: w.persisted + len(w.buffer)}); err != nil {
		return err
	}
	full := max(w.Buffer, 1)
	return w.flush((len(w.buffer) - 1) / full * full)
}

// flush writes the first n records of the buffer.
func (w *workload) flush(n int) error {
	if n == 0 {
		return nil
	}
	text := make([]byte, 0, 8*n)
	for _, seq := range w.buffer[:n] {
		text = append(strconv.AppendInt(text, int64(seq), 10), '\n')
	}
	if _, err := w.records.Write(text); err != nil {
		return fmt.Errorf("writing the records: %w", err)
	}
	if err := w.records.Sync(); err != nil {
		return fmt.Errorf("writing the records: %w", err)
	}
	w.persisted += n
	w.buffer = append(w.buffer[:0], w.buffer[n:]...)
	return nil
}

// report writes the buffer, reads the disk, and reports how many records it has.
func (w *workload) report(event string) error {
	if err := w.flush(len(w.buffer)); err != nil {
		return err
	}
	found, err := w.readBack()
	if err != nil {
		return err
	}
	return w.write(Line{Event: event, Instance: w.instance, Persisted: &found})
}
