package workload

import (
	"fmt"
	"net"
	"net/http"
	"strconv"
)

// listen answers requests on a TCP port with the name of the instance.
func (w *workload) listen() error {
	if w.Listen == 0 {
		return nil
	}
	socket, err := net.Listen("tcp", ":"+strconv.Itoa(w.Listen))
	if err != nil {
		return fmt.Errorf("listening on port %d: %w", w.Listen, err)
	}
	go http.Serve(socket, http.HandlerFunc(func(answer http.ResponseWriter, _ *http.Request) {
		fmt.Fprintln(answer, w.instance)
	}))
	return nil
}
