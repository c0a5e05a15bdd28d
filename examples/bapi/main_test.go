package main

import (
	"errors"
	"strings"
	"testing"

	"github.com/clerkkit/clerkkit/bapi"
	"github.com/clerkkit/clerkkit/clerk/clerktest"
)

func TestBan(t *testing.T) {
	em := clerktest.NewServer(t)
	alice := em.AddUser(clerktest.User{Email: "alice@example.com"})
	mallory := em.AddUser(clerktest.User{Email: "mallory@example.com", PrivateMetadata: map[string]any{"plan": "free"}})
	session, kept := em.SignIn(mallory), em.SignIn(alice)
	api, err := bapi.FromConfig(em.Config())
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := ban(t.Context(), api, []string{"mallory@example.com", "nobody@example.com"}, &out); err != nil {
		t.Fatal(err)
	}
	if got, want := out.String(), "banned "+mallory.ID+"\n"; got != want {
		t.Errorf("printed %q, want %q", got, want)
	}
	u, err := api.Users.Get(t.Context(), mallory.ID)
	if err != nil {
		t.Fatal(err)
	}
	var private map[string]string
	if err := u.PrivateMetadata.Decode(&private); err != nil || !u.Banned || private["banned_for"] != "abuse" || private["plan"] != "free" {
		t.Errorf("banned %v, private metadata %v, %v", u.Banned, private, err)
	}
	if session.Status() == "active" || kept.Status() != "active" {
		t.Errorf("the banned user's session is %s, the other's %s", session.Status(), kept.Status())
	}
	if err := ban(t.Context(), api, nil, &out); err == nil {
		t.Error("nobody named, and no error")
	}
	other, err := bapi.New(bapi.Config{SecretKey: "sk_test_AnotherInstanceSecretKey00000000", APIURL: em.URL})
	if err != nil {
		t.Fatal(err)
	}
	if err := ban(t.Context(), other, []string{"alice@example.com"}, &out); !errors.Is(err, bapi.ErrUnauthorized) {
		t.Errorf("with another key: %v", err)
	}
}
