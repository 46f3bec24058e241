package sockets

import (
	"bytes"
	"context"
	"errors"
	"net"
	"net/http"
	"time"

	"github.com/gorilla/websocket"
	"github.com/grafana/sobek"
)

const (
	// writeTimeout: a peer that takes nothing for so long is gone.
	writeTimeout = 10 * time.Second
	// goodbyeTimeout is how long the peer has for its closing frame after ours.
	goodbyeTimeout = 10 * time.Second
)

// socket is one of Sockets, whose lock guards what stands below `id`.
type socket struct {
	all                        *Sockets
	owner                      *sobek.Object
	onNumbered, onText, onGone sobek.Callable
	value                      sobek.Value
	id                         int64
	session                    *session
	// late by which its peer is heard; see distant.
	late time.Duration

	// cancelDial while it opens, connection from then on, network below both as soon as there is one.
	cancelDial context.CancelFunc
	connection *websocket.Conn
	network    net.Conn
	outgoing   []string // Before it is open: the first that it is to send.
	// goodbye is the code to close with once everything outgoing is written.
	goodbye int
	writing bool
	// followed streams; few.
	followed []followed
}

// numbers of a text: which stream it belongs to, and its place there.
type numbers struct{ stream, place int64 }

// followed is how far a stream came in its turn; outOfTurn: it is not counted any further.
type followed struct {
	numbers
	outOfTurn bool
}

// dial opens the socket. A goroutine of its own, so that the stack which TLS takes goes with it.
func (s *socket) dial(dialing context.Context, url string, header http.Header) {
	dialer := websocket.Dialer{
		HandshakeTimeout:  dialTimeout,
		NetDialContext:    s.reach,
		NetDialTLSContext: s.reachSecurely,
		ReadBufferSize:    readBufferBytes,
		WriteBufferSize:   writeBufferBytes,
		WriteBufferPool:   &s.all.frames,
	}
	connection, _, err := dialer.DialContext(dialing, url, header)
	s.all.lock.Lock()
	defer s.all.lock.Unlock()
	cancelled := dialing.Err() != nil
	s.cancelDial()
	s.cancelDial = nil
	if err == nil && !cancelled {
		s.connection = connection
		go s.read(connection)
		if len(s.outgoing) > 0 {
			s.startWriting()
		}
		return
	}
	if err == nil {
		_ = connection.Close()
	}
	go s.tellGone(websocket.CloseAbnormalClosure)
}

// reach keeps the connection: nobody looks at the context while TLS or the upgrade are waited for.
func (s *socket) reach(dialing context.Context, network, address string) (net.Conn, error) {
	near, err := s.all.dial(dialing, network, address)
	if err != nil {
		return nil, err
	}
	connection := atDistance(near, s.late)
	s.all.lock.Lock()
	defer s.all.lock.Unlock()
	s.network = connection
	if dialing.Err() != nil {
		s.cut()
	}
	return connection, nil
}

// read is the goroutine of an open socket.
func (s *socket) read(connection *websocket.Conn) {
	var err error
	for err == nil {
		err = s.readText(connection)
	}
	_ = connection.Close()
	var closed *websocket.CloseError
	code := websocket.CloseAbnormalClosure
	if errors.As(err, &closed) {
		code = closed.Code
	}
	s.tellGone(code)
}

func (s *socket) tellGone(code int) {
	s.all.tell(event{socket: s, kind: gone, code: code})
}

func (s *socket) readText(connection *websocket.Conn) error {
	// Not before there is a frame does a socket hold a buffer for its payload.
	_, reader, err := connection.NextReader()
	if err != nil {
		return err
	}
	payload, ok := s.all.payloads.Get().(*bytes.Buffer)
	if !ok {
		payload = new(bytes.Buffer)
	}
	defer s.all.payloads.Put(payload)
	payload.Reset()
	if _, err := payload.ReadFrom(reader); err != nil {
		return err
	}
	text := payload.Bytes()
	at, isNumbered := s.all.numbersOf(text)
	switch {
	case !isNumbered:
		s.all.tell(event{socket: s, kind: unnumbered, text: string(text)})
	case !s.counts(at):
		s.all.tell(event{socket: s, kind: numbered, numbers: at, text: string(text)})
	}
	return nil
}

// follow, with the lock: instead of what was said of that stream before.
func (s *socket) follow(stream followed) {
	for i := range s.followed {
		if s.followed[i].stream == stream.stream {
			s.followed[i] = stream
			return
		}
	}
	s.followed = append(s.followed, stream)
}

// counts a text that comes in its turn; false: it is to be handed over.
func (s *socket) counts(at numbers) bool {
	s.all.lock.Lock()
	defer s.all.lock.Unlock()
	for i := range s.followed {
		stream := &s.followed[i]
		if stream.stream != at.stream {
			continue
		}
		if at.place != stream.place+1 {
			stream.outOfTurn = true
		}
		if !stream.outOfTurn {
			stream.place = at.place
		}
		return !stream.outOfTurn
	}
	return false
}

func (s *Sockets) numbersOf(text []byte) (at numbers, ok bool) {
	rest, ok := bytes.CutPrefix(text, s.prefix)
	if !ok {
		return numbers{}, false
	}
	if at.stream, rest, ok = integer(rest); !ok {
		return numbers{}, false
	}
	at.place, _, ok = integer(rest)
	return at, ok
}

// integer reads digits and the comma behind them; what follows it.
func integer(text []byte) (value int64, rest []byte, ok bool) {
	// Beyond these digits an integer may be none of JavaScript's.
	const digitsMax = 15
	for i := 0; i < len(text) && i <= digitsMax; i++ {
		if text[i] == ',' {
			return value, text[i+1:], i > 0
		}
		if text[i] < '0' || text[i] > '9' {
			break
		}
		value = value*10 + int64(text[i]-'0')
	}
	return 0, nil, false
}

// send, with the lock.
func (s *socket) send(text string) {
	if s.connection == nil || s.goodbye != 0 {
		return
	}
	s.outgoing = append(s.outgoing, text)
	s.startWriting()
}

// close, with the lock.
func (s *socket) close(code int) {
	if s.connection == nil {
		s.hangUp()
		return
	}
	s.goodbye = code
	s.startWriting()
}

// hangUp, with the lock: without a goodbye.
func (s *socket) hangUp() {
	if s.cancelDial != nil {
		s.cancelDial()
	}
	if s.network != nil {
		s.cut()
	}
}

func (s *socket) startWriting() {
	if !s.writing {
		s.writing = true
		go s.write(s.connection)
	}
}

// write lasts as long as there is something to write. When it fails, so does reading, which tells.
func (s *socket) write(connection *websocket.Conn) {
	for {
		s.all.lock.Lock()
		outgoing, goodbye := s.outgoing, s.goodbye
		s.outgoing = nil
		if len(outgoing) == 0 {
			// After a goodbye nobody writes any more.
			s.writing = goodbye != 0
			s.all.lock.Unlock()
			if goodbye != 0 {
				s.sayGoodbye(connection, goodbye)
			}
			return
		}
		s.all.lock.Unlock()
		for _, text := range outgoing {
			_ = connection.SetWriteDeadline(time.Now().Add(writeTimeout))
			if err := connection.WriteMessage(websocket.TextMessage, []byte(text)); err != nil {
				s.cut()
				return
			}
		}
	}
}

func (s *socket) sayGoodbye(connection *websocket.Conn, code int) {
	closing := websocket.FormatCloseMessage(code, "")
	err := connection.WriteControl(websocket.CloseMessage, closing, time.Now().Add(writeTimeout))
	if err != nil {
		s.cut()
		return
	}
	_ = connection.SetReadDeadline(time.Now().Add(goodbyeTimeout))
}

// cut closes without a word of TLS, which might have to wait for the peer.
func (s *socket) cut() { _ = s.network.Close() }
