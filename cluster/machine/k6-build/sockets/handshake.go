package sockets

import (
	"context"
	"crypto/tls"
	"net"
	"sync"
)

// reachSecurely is reach and then TLS. Of all sockets one computes its handshake at a time: where
// thousands come at once, the script has its turn between two of them and not after all. While it
// waits for its peer a handshake keeps nobody up; what it writes always fits into an empty buffer.
func (s *socket) reachSecurely(dialing context.Context, network, address string) (net.Conn, error) {
	name, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	reached, err := s.reach(dialing, network, address)
	if err != nil {
		return nil, err
	}
	if deadline, ok := dialing.Deadline(); ok {
		_ = reached.SetDeadline(deadline)
	}
	config := s.all.tls.Clone()
	config.ClientSessionCache = s.session
	if config.ServerName == "" {
		config.ServerName = name
	}
	below := &shaking{Conn: reached, turn: s.all.handshake}
	secure := tls.Client(below, config)
	below.turn <- struct{}{}
	err = secure.Handshake()
	<-below.turn
	below.turn = nil
	if err != nil {
		_ = reached.Close()
		return nil, err
	}
	return secure, nil
}

// shaking gives its turn away while it waits for its peer, for as long as it has a turn.
type shaking struct {
	net.Conn
	turn chan struct{}
}

func (c *shaking) Read(into []byte) (int, error) {
	if c.turn == nil {
		return c.Conn.Read(into)
	}
	<-c.turn
	read, err := c.Conn.Read(into)
	c.turn <- struct{}{}
	return read, err
}

// session is what TLS remembers of an owner's last socket. Whatever address that went to: outside,
// all edges of a service are one name. Whether the certificate names the address is looked at again.
type session struct {
	lock  sync.Mutex
	state *tls.ClientSessionState
}

// Get is for a handshake.
func (s *session) Get(string) (*tls.ClientSessionState, bool) {
	s.lock.Lock()
	defer s.lock.Unlock()
	return s.state, s.state != nil
}

// Put is for a ticket that came; nil: what was kept is of no use any more.
func (s *session) Put(_ string, state *tls.ClientSessionState) {
	s.lock.Lock()
	defer s.lock.Unlock()
	s.state = state
}
