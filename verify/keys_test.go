package verify_test

import (
	"crypto/rsa"
	"math/big"
	"sync"
)

// Test keys as their primes. They are fixed, so that the fuzzer's workers and its
// corpus agree on which tokens are valid.
const (
	instanceP = "cc3f514186c83e2a89b0e58a13fe0aad9cb20f4d254a70fd1d750e151a09086fa12493e43bf194402e335ec9bf11c53195500aa69cdc764129a2382779bff712" +
		"b3312f3a9f9e4b34614acd70e6f8d35020d17b49b4387ec64c349e312ff02b8f7b60deb731415543905f6d9190bff6338b81cd1356533b092763bf42d756ab37"
	instanceQ = "e4fc87283b7f5c8d18718120e7c82112c8f72716ac27fbed1b9dd823e139e7a12c226cb4b6b411acf564e78367490a9902c43f28f9a0cb7f3a6e0078b03f2c40" +
		"daec7b81abe0657a53d3f64cb1a1be0c6ba0314c64c1a4fa569ba96eb0f631b8e63047ba9dd6c4be28312cb14da7dfdf16bb0cca21fbc959a11ca877f44384d9"
	foreignP = "e329c37b3e18b2444e8a614940aef91f0771dd96c60d3c2b518cf90ee4169441bd6c5d6ad05732f9f7a401bd9b51273f00e8c1794dafb7c7216003dd8ebf659e" +
		"b0170ad18a87ae9970adc4d2fb66de371d16b52edbaa25d63b6cec2cef2d8d4a306182e5f1e557e933738e2d2bb964610eb4b4d4d2e8d474f685c54e378e52bf"
	foreignQ = "c39a40cbcb23d214e2df599082de1e968a2c476e4dea4deaebb89e1571cf8f8ae83660c55791305ab7296006a909c3c60f004a2207f2fb7f820d115e1413cc3f" +
		"4afb39ac233c676ae3f56b7efa414d40f8d6bbe5702e33666694b05562c25c3836651f57455d3244c004eef15e62304e012d5cac30bcf11bb15fd15a3f4fd3cb"
	smallP = "fab412a0b42c66fbc572034517c86b31319f2d97874dd491fa44077f7fd8728d7e765a48ea26ccabfcf6e2b6cfabb3fd2075124d4c35ee0af203370d63ce2845"
	smallQ = "c4c0b9bad701028f0ebee3e718c00119bda4bae1a42c8f27df82c5a9f76e221aa87d76db9c6152e1106ce6c30b167720a7b921e6a035c0abfd3a6ad70ba21cd5"
)

var (
	instanceKey = sync.OnceValue(func() *rsa.PrivateKey { return keyOf(instanceP, instanceQ) })
	foreignKey  = sync.OnceValue(func() *rsa.PrivateKey { return keyOf(foreignP, foreignQ) })
	smallKey    = sync.OnceValue(func() *rsa.PrivateKey { return keyOf(smallP, smallQ) }) // 1024 bits
)

func keyOf(hexP, hexQ string) *rsa.PrivateKey {
	p, _ := new(big.Int).SetString(hexP, 16)
	q, _ := new(big.Int).SetString(hexQ, 16)
	one := big.NewInt(1)
	phi := new(big.Int).Mul(new(big.Int).Sub(p, one), new(big.Int).Sub(q, one))
	key := &rsa.PrivateKey{
		PublicKey: rsa.PublicKey{N: new(big.Int).Mul(p, q), E: 65537},
		D:         new(big.Int).ModInverse(big.NewInt(65537), phi),
		Primes:    []*big.Int{p, q},
	}
	key.Precompute()
	if err := key.Validate(); err != nil {
		panic(err)
	}
	return key
}
