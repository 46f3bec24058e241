// Package sockets is k6/x/sockets/v2: WebSockets for scripts that hold thousands of them in one
// virtual user. k6's own module gives each socket four goroutines and an object with twenty
// properties, and each message a task of the event loop and an event object; here a socket is one
// goroutine and a number, and up to 256 messages that came meanwhile are one task.
//
// A socket belongs to an object of the script, its owner. The owner's methods are called on the
// event loop, in the order in which things came:
//
//	onNumbered(socket, stream, place, text)  a text that begins with the prefix, then these numbers
//	onText(socket, text)                     any other text
//	onGone(socket, code)                     once, and last: it closed, or never opened (1006)
//
// Of a stream that is followed, texts that come in their turn are counted and not handed over:
// nothing but their number is news to the script, and to enter it costs more than to receive them.
// From the first on that is out of turn, all are handed over.
//
// An owner keeps its TLS session, as a browser or an app does: where the service takes it, coming
// back costs both sides less than coming did.
//
// Nothing goes into k6's metrics: a sample for each message costs more than the message, and
// whoever writes a script for thousands of sockets keeps books of its own.
package sockets

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/grafana/sobek"
	"go.k6.io/k6/v2/js/common"
	"go.k6.io/k6/v2/js/modules"
)

func init() {
	modules.Register("k6/x/sockets/v2", new(module))
}

type module struct{}

type dial func(dialing context.Context, network, address string) (net.Conn, error)

func (*module) NewModuleInstance(vu modules.VU) modules.Instance { return &instance{vu} }

type instance struct{ vu modules.VU }

func (i *instance) Exports() modules.Exports {
	return modules.Exports{Named: map[string]any{"Sockets": i.construct}}
}

const (
	// dialTimeout bounds connecting, TLS and the upgrade together.
	dialTimeout = 60 * time.Second
	// readBufferBytes take most chat frames whole; a longer one takes more reads.
	readBufferBytes = 1024
	// writeBufferBytes come from a pool while a frame is written.
	writeBufferBytes = 4096
	// turnEvents are handed to the script at most before the event loop's other tasks have a turn.
	turnEvents = 256
)

// Sockets are all those of one virtual user. What stands below the lock is guarded by it.
type Sockets struct {
	vu      modules.VU
	context context.Context
	// dial reaches an address as k6 would, and tls is how k6 would speak there.
	dial dial
	tls  *tls.Config
	// handshake has room for one: whose turn it is to compute.
	handshake chan struct{}
	prefix    []byte
	// frames are buffers that frames are written from.
	frames sync.Pool
	// payloads are buffers that frames are read into, each for as long as that takes.
	payloads sync.Pool

	lock sync.Mutex
	open map[int64]*socket
	last int64
	// sessions of TLS, of those who had a socket.
	sessions map[*sobek.Object]*session
	// events from told on have not been handed to the script.
	events []event
	told   int
	// waited is how long an event had to at most, since the script asked last.
	waited time.Duration
	// wake puts a turn on the event loop, whose iteration does not end before it is called. While
	// sockets are open there is either that, or a turn that is on the loop.
	wake    func(func() error)
	turning bool
	// ended: the virtual user is stopped, and the script hears nothing more.
	ended bool
}

type event struct {
	socket *socket
	kind   kind
	numbers
	text string
	// code of a close.
	code int
	// came is when the script could have been told.
	came time.Time
}

type kind int

const (
	numbered kind = iota
	unnumbered
	gone
)

// construct is `new Sockets(prefix)`.
func (i *instance) construct(call sobek.ConstructorCall) *sobek.Object {
	runtime, state := i.vu.Runtime(), i.vu.State()
	if state == nil {
		common.Throw(runtime, common.NewInitContextError("sockets are opened by a virtual user, not in the init context"))
	}
	tlsConfig := state.TLSConfig.Clone()
	tlsConfig.NextProtos = []string{"http/1.1"}
	sockets := &Sockets{
		vu:        i.vu,
		context:   i.vu.Context(),
		prefix:    []byte(call.Argument(0).String()),
		open:      make(map[int64]*socket),
		sessions:  make(map[*sobek.Object]*session),
		dial:      state.Dialer.DialContext,
		tls:       tlsConfig,
		handshake: make(chan struct{}, 1),
	}
	context.AfterFunc(sockets.context, sockets.end)
	for name, method := range map[string]func(sobek.FunctionCall) sobek.Value{
		"open":   sockets.openOne,
		"send":   sockets.sendOne,
		"close":  sockets.closeOne,
		"hangUp": sockets.hangUpOne,
		"follow": sockets.follow,
		"place":  sockets.place,
		"waited": sockets.waitedFor,
	} {
		if err := call.This.Set(name, method); err != nil {
			common.Throw(runtime, err)
		}
	}
	return nil
}

// openOne is `open(url, headers, owner, first, late)`; returns the socket's number. `first`, if there
// is one, is sent as soon as it is open; `late`: milliseconds that a round trip takes longer.
func (s *Sockets) openOne(call sobek.FunctionCall) sobek.Value {
	runtime := s.vu.Runtime()
	header := make(http.Header)
	headers := call.Argument(1).ToObject(runtime)
	for _, name := range headers.Keys() {
		header.Set(name, headers.Get(name).String())
	}
	owner := call.Argument(2).ToObject(runtime)
	method := func(name string) sobek.Callable {
		function, ok := sobek.AssertFunction(owner.Get(name))
		if !ok {
			common.Throw(runtime, fmt.Errorf("a socket's owner needs a method %s", name))
		}
		return function
	}
	mine := &socket{
		all:        s,
		owner:      owner,
		onNumbered: method("onNumbered"),
		onText:     method("onText"),
		onGone:     method("onGone"),
		late:       time.Duration(call.Argument(4).ToInteger()) * time.Millisecond,
	}
	if first := call.Argument(3); !sobek.IsUndefined(first) {
		mine.outgoing = []string{first.String()}
	}

	s.lock.Lock()
	defer s.lock.Unlock()
	s.last++
	mine.id = s.last
	mine.value = runtime.ToValue(mine.id)
	if s.ended {
		return mine.value
	}
	s.open[mine.id] = mine
	if s.wake == nil && !s.turning {
		s.wake = s.vu.RegisterCallback()
	}
	if s.sessions[owner] == nil {
		s.sessions[owner] = new(session)
	}
	mine.session = s.sessions[owner]
	var dialing context.Context
	dialing, mine.cancelDial = context.WithCancel(s.context)
	go mine.dial(dialing, call.Argument(0).String(), header)
	return mine.value
}

// sendOne is `send(socket, text)`. What a socket can no longer take is dropped: that it went is
// told by onGone.
func (s *Sockets) sendOne(call sobek.FunctionCall) sobek.Value {
	id, text := call.Argument(0).ToInteger(), call.Argument(1).String()
	s.lock.Lock()
	defer s.lock.Unlock()
	if socket, ok := s.open[id]; ok {
		socket.send(text)
	}
	return sobek.Undefined()
}

// closeOne is `close(socket, code)`: says goodbye, or stops opening.
func (s *Sockets) closeOne(call sobek.FunctionCall) sobek.Value {
	id, code := call.Argument(0).ToInteger(), call.Argument(1).ToInteger()
	s.lock.Lock()
	defer s.lock.Unlock()
	if socket, ok := s.open[id]; ok {
		socket.close(int(code))
	}
	return sobek.Undefined()
}

// hangUpOne is `hangUp(socket)`: without a goodbye, only the connection ends.
func (s *Sockets) hangUpOne(call sobek.FunctionCall) sobek.Value {
	id := call.Argument(0).ToInteger()
	s.lock.Lock()
	defer s.lock.Unlock()
	if socket, ok := s.open[id]; ok {
		socket.hangUp()
	}
	return sobek.Undefined()
}

// follow is `follow(socket, stream, place)`: the next text of the stream is the one after that place.
func (s *Sockets) follow(call sobek.FunctionCall) sobek.Value {
	id := call.Argument(0).ToInteger()
	place := numbers{stream: call.Argument(1).ToInteger(), place: call.Argument(2).ToInteger()}
	s.lock.Lock()
	defer s.lock.Unlock()
	if socket, ok := s.open[id]; ok {
		socket.follow(followed{numbers: place})
	}
	return sobek.Undefined()
}

// place is `place(socket, stream)`: how far a stream was followed; 0 where it was not.
func (s *Sockets) place(call sobek.FunctionCall) sobek.Value {
	id, stream := call.Argument(0).ToInteger(), call.Argument(1).ToInteger()
	s.lock.Lock()
	defer s.lock.Unlock()
	var place int64
	if socket, ok := s.open[id]; ok {
		for _, each := range socket.followed {
			if each.stream == stream {
				place = each.place
			}
		}
	}
	return s.vu.Runtime().ToValue(place)
}

// waitedFor is `waited()`: for how many milliseconds an event waited for the script at most, since it
// was asked last; also one that waits still.
func (s *Sockets) waitedFor(sobek.FunctionCall) sobek.Value {
	s.lock.Lock()
	defer s.lock.Unlock()
	if s.told < len(s.events) {
		s.noteWait(s.events[s.told])
	}
	waited := s.waited
	s.waited = 0
	return s.vu.Runtime().ToValue(waited.Milliseconds())
}

func (s *Sockets) noteWait(handed event) { s.waited = max(s.waited, time.Since(handed.came)) }

// tell has the script told of an event, in a turn that may be under way. From any goroutine.
func (s *Sockets) tell(told event) {
	s.lock.Lock()
	defer s.lock.Unlock()
	if s.ended {
		return
	}
	told.came = time.Now()
	s.events = append(s.events, told)
	s.startTurn()
}

func (s *Sockets) startTurn() {
	if s.wake == nil {
		return
	}
	wake := s.wake
	s.wake, s.turning = nil, true
	wake(s.turn)
}

// turn hands events to the script. On the event loop.
func (s *Sockets) turn() error {
	for range turnEvents {
		next, ok := s.next()
		if !ok {
			break
		}
		err := next.hand(s.vu.Runtime())
		if next.kind == gone {
			s.forget(next.socket)
		}
		if err != nil {
			s.end()
			return err
		}
	}
	s.lock.Lock()
	defer s.lock.Unlock()
	s.turning = false
	pending := s.told < len(s.events)
	if s.ended || (len(s.open) == 0 && !pending) {
		return nil
	}
	s.wake = s.vu.RegisterCallback()
	if pending {
		s.startTurn()
	}
	return nil
}

func (s *Sockets) next() (event, bool) {
	s.lock.Lock()
	defer s.lock.Unlock()
	if s.told > len(s.events)/2 {
		rest := copy(s.events, s.events[s.told:])
		clear(s.events[rest:])
		s.events, s.told = s.events[:rest], 0
	}
	// An iteration that failed hears nothing more, also before `end` was called.
	if len(s.events) == 0 || s.context.Err() != nil {
		return event{}, false
	}
	next := s.events[s.told]
	s.noteWait(next)
	s.told++
	return next, true
}

// forget a socket whose owner knows that it went, and was told by then how far it had come.
func (s *Sockets) forget(gone *socket) {
	s.lock.Lock()
	defer s.lock.Unlock()
	delete(s.open, gone.id)
}

func (e *event) hand(runtime *sobek.Runtime) error {
	socket := e.socket
	var err error
	switch e.kind {
	case numbered:
		_, err = socket.onNumbered(socket.owner, socket.value,
			runtime.ToValue(e.stream), runtime.ToValue(e.place), runtime.ToValue(e.text))
	case unnumbered:
		_, err = socket.onText(socket.owner, socket.value, runtime.ToValue(e.text))
	case gone:
		_, err = socket.onGone(socket.owner, socket.value, runtime.ToValue(e.code))
	}
	return err
}

// end closes all sockets and lets the iteration end.
func (s *Sockets) end() {
	s.lock.Lock()
	defer s.lock.Unlock()
	s.ended = true
	for _, socket := range s.open {
		socket.hangUp()
	}
	s.events, s.told = nil, 0
	if s.wake != nil {
		s.wake(func() error { return nil })
		s.wake = nil
	}
}
