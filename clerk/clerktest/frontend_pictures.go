package clerktest

import (
	"encoding/base64"
	"net/http"
	"strings"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
)

// picture reads what clerk-js uploads: a form with a file, or a picture in base64
// with or without the head of a data URL.
func (c *call) picture() (state.Image, error) {
	if c.r.Header.Get("Content-Type") != "application/octet-stream" {
		return c.uploaded()
	}
	body, err := c.readBody()
	if err != nil {
		return state.Image{}, err
	}
	text := string(body)
	if _, data, ok := strings.Cut(text, ";base64,"); ok {
		text = data
	}
	data, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		data = body
	}
	return newImage(data)
}

// setProfileImage gives the user a picture, or takes it away.
func (e *Emulator) setProfileImage(c *call) error {
	b, s, err := e.me(c)
	if err != nil {
		return err
	}
	var picture state.Image
	if c.method != http.MethodDelete {
		if picture, err = c.picture(); err != nil {
			return err
		}
	}
	gone, id, err := changePicture(e.store, s.User.ID, picture)
	if err != nil {
		return err
	}
	if c.method == http.MethodDelete {
		c.note("own picture deleted")
		return e.answerWrapped(c, b.ClientID, deletedResource{Object: "image", ID: gone, Deleted: true})
	}
	c.note("own picture changed")
	return e.answerWrapped(c, b.ClientID, map[string]any{
		"object": "image", "id": id, "name": "profile-image", "public_url": e.pictureURL(id),
	})
}

// changePicture gives a user a picture instead of another, or none for a picture
// without data, and returns the ids of both.
func changePicture(s *state.Store, userID string, picture state.Image) (gone, id string, err error) {
	return state.With3(s, func(tx *state.Tx) (gone, id string, err error) {
		u := tx.Users[userID]
		if u == nil {
			return "", "", refusal.SignedOut()
		}
		gone = u.ImageID
		if len(picture.Data) == 0 {
			delete(tx.Images, u.ImageID)
			u.ImageID = ""
		} else {
			u.ImageID = tx.PutImage(picture, u.ImageID)
		}
		tx.Changed(u)
		return gone, u.ImageID, nil
	})
}
