package people

import (
	"net/http"

	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/answers"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/refusal"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/state"
	"github.com/clerkkit/clerkkit/clerk/clerktest/internal/wire"
)

// setProfileImage gives the user a picture, or takes it away.
func (e *API) setProfileImage(c *wire.Call) error {
	b, s, err := e.sessions.Me(c)
	if err != nil {
		return err
	}
	var picture state.Image
	if c.Method != http.MethodDelete {
		if picture, err = c.Picture(); err != nil {
			return err
		}
	}
	gone, id, err := changePicture(e.Store, s.User.ID, picture)
	if err != nil {
		return err
	}
	if c.Method == http.MethodDelete {
		c.Note("own picture deleted")
		return e.answers.AnswerWrapped(c, b.ClientID, answers.DeletedResource{Object: "image", ID: gone, Deleted: true})
	}
	c.Note("own picture changed")
	return e.answers.AnswerWrapped(c, b.ClientID, map[string]any{
		"object": "image", "id": id, "name": "profile-image", "public_url": e.answers.PictureURL(id),
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
