package sockets

import (
	"bytes"
	"net"
	"sync"
	"time"
)

// underWay are pieces that may be on the long way in; then the peer has to wait, as on a real one.
const underWay = 32

// distant is a connection over a long way: what the peer says is heard later by a round trip, which
// is all put on the way in. What comes soon after something else is not heard any later for that.
type distant struct {
	net.Conn
	late   time.Duration
	coming chan arrival
	// closed, once, by us.
	closed chan struct{}
	once   sync.Once
	// heard but not taken yet, and why nothing comes after it; the reader's alone.
	heard []byte
	ended error
}

type arrival struct {
	piece []byte
	err   error
	due   time.Time
}

func atDistance(near net.Conn, late time.Duration) net.Conn {
	if late <= 0 {
		return near
	}
	far := &distant{
		Conn:   near,
		late:   late,
		coming: make(chan arrival, underWay),
		closed: make(chan struct{}),
	}
	go far.listen()
	return far
}

// listen notes when what comes is due; ends with the connection.
func (d *distant) listen() {
	into := make([]byte, readBufferBytes)
	for {
		read, err := d.Conn.Read(into)
		came := arrival{bytes.Clone(into[:read]), err, time.Now().Add(d.late)}
		select {
		case d.coming <- came:
		case <-d.closed:
			return
		}
		if err != nil {
			return
		}
	}
}

func (d *distant) Read(into []byte) (int, error) {
	for len(d.heard) == 0 {
		if d.ended != nil {
			return 0, d.ended
		}
		select {
		case came := <-d.coming:
			time.Sleep(time.Until(came.due))
			d.heard, d.ended = came.piece, came.err
		case <-d.closed:
			return 0, net.ErrClosed
		}
	}
	taken := copy(into, d.heard)
	d.heard = d.heard[taken:]
	return taken, nil
}

func (d *distant) Close() error {
	d.once.Do(func() { close(d.closed) })
	return d.Conn.Close()
}
