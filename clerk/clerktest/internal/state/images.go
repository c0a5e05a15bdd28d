package state

// Image is a picture that somebody uploaded. The emulator serves it itself.
type Image struct {
	ID, Type string
	Data     []byte
}

// MaxImage bounds a picture, as Clerk does.
const MaxImage = 10 << 20

// ImageTypes are those that browsers show and that cannot run scripts.
var ImageTypes = []string{"image/jpeg", "image/png", "image/gif", "image/webp"}

// PutImage keeps a picture in place of another.
func (tx *Tx) PutImage(i Image, instead string) (id string) {
	delete(tx.Images, instead)
	i.ID = tx.IDs.Next("img")
	tx.Images[i.ID] = &i
	return i.ID
}
