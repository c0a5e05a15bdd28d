// Package recording records the requests and responses of the emulator, so that
// internal/schemacheck can compare the responses to third-party clients with Clerk's
// published descriptions. It records only if the environment variable [Env] names a
// folder.
package recording

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
)

// Env is the environment variable with the folder for recordings. Each process appends
// to its own file there.
const Env = "CLERKKIT_RECORD_DIR"

// maxRequest is the maximum recorded size of a request's body. It only helps to
// understand a finding.
const maxRequest = 4 << 10

// Exchange is one request and its response, as a line of JSON. It contains tokens and
// passwords of the emulator unredacted.
type Exchange struct {
	// Run is the program with the emulator, for example clerktest.test.
	Run string `json:"run"`
	// API, Operation and Pattern name the operation: BAPI, GetUser and
	// /v1/users/{user_id}.
	API       string `json:"api"`
	Operation string `json:"operation"`
	Pattern   string `json:"pattern"`
	// Method is the effective method. clerk-js sends methods in the query.
	Method      string `json:"method"`
	URI         string `json:"uri"`
	RequestType string `json:"request_type,omitempty"`
	RequestBody string `json:"request_body,omitempty"`
	Status      int    `json:"status"`
	AnswerType  string `json:"answer_type,omitempty"`
	AnswerBody  string `json:"answer_body,omitempty"`
}

// Recorder appends exchanges to a file. A nil Recorder records nothing.
type Recorder struct{ run, file string }

// FromEnv returns a recorder for the folder in the environment, or nil if none is
// named. If the folder does not exist, it returns an error.
func FromEnv() (*Recorder, error) {
	dir := os.Getenv(Env)
	if dir == "" {
		return nil, nil
	}
	if info, err := os.Stat(dir); err != nil {
		return nil, fmt.Errorf("%s: %w", Env, err)
	} else if !info.IsDir() {
		return nil, fmt.Errorf("%s: %s is not a folder", Env, dir)
	}
	run := filepath.Base(os.Args[0])
	return &Recorder{run, filepath.Join(dir, fmt.Sprintf("%s-%d.jsonl", run, os.Getpid()))}, nil
}

// Tap is one running exchange.
type Tap struct {
	http.ResponseWriter
	to      *Recorder
	request http.Request // shallow copy for Save
	asked   clipped
	answer  bytes.Buffer
	status  int
}

// Listen starts recording an exchange. It replaces the body of r. The handler must
// write its response to the Tap.
func (rec *Recorder) Listen(w http.ResponseWriter, r *http.Request) *Tap {
	t := &Tap{ResponseWriter: w, to: rec, request: http.Request{Header: r.Header}}
	if r.URL != nil {
		u := *r.URL
		t.request.URL = &u
	}
	if r.Body != nil {
		r.Body = struct {
			io.Reader
			io.Closer
		}{io.TeeReader(r.Body, &t.asked), r.Body}
	}
	return t
}

// WriteHeader implements http.ResponseWriter.
func (t *Tap) WriteHeader(status int) {
	if t.status == 0 {
		t.status = status
	}
	t.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (t *Tap) Write(p []byte) (int, error) {
	if t.status == 0 {
		t.status = http.StatusOK
	}
	_, _ = t.answer.Write(p) // never fails
	return t.ResponseWriter.Write(p)
}

// Unwrap is for http.ResponseController.
func (t *Tap) Unwrap() http.ResponseWriter { return t.ResponseWriter }

// Save writes the exchange to the file, with the operation that handled it.
func (t *Tap) Save(api, operation, method, pattern string) error {
	line, err := json.Marshal(Exchange{
		Run: t.to.run, API: api, Operation: operation, Pattern: pattern, Method: method, URI: t.request.URL.RequestURI(),
		RequestType: t.request.Header.Get("Content-Type"), RequestBody: t.asked.String(),
		Status: t.status, AnswerType: t.Header().Get("Content-Type"), AnswerBody: t.answer.String(),
	})
	if err != nil {
		return err
	}
	// Open the file for each exchange, so that it needs no Close. Append, because several
	// emulators of a process share it.
	f, err := os.OpenFile(t.to.file, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(append(line, '\n'))
	if closed := f.Close(); err == nil {
		err = closed
	}
	return err
}

// clipped keeps the first bytes written to it.
type clipped struct{ bytes.Buffer }

func (c *clipped) Write(p []byte) (int, error) {
	if room := maxRequest - c.Len(); room > 0 {
		_, _ = c.Buffer.Write(p[:min(room, len(p))]) // never fails
	}
	return len(p), nil
}
