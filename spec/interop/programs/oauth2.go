// golang.org/x/oauth2, which finds out by itself how this server wants the secret (AuthStyleAutoDetect).
package main

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log"
	"net/url"
	"os"
	"strings"
	"time"

	"golang.org/x/oauth2"
)

const verifier = "a-verifier-of-a-program-in-go-a-verifier-of-a-program-in-go"

var answers = bufio.NewReader(os.Stdin)

// visit sends the browser of the user to an address, and returns where it came back.
func visit(address string) *url.URL {
	fmt.Println("visit " + address)
	line, err := answers.ReadString('\n')
	if err != nil {
		log.Fatal(err)
	}
	back, err := url.Parse(strings.TrimSpace(line))
	if err != nil {
		log.Fatal(err)
	}
	return back
}

func main() {
	issuer, redirectURI, ctx := os.Args[1], os.Args[2], context.Background()
	config := &oauth2.Config{
		ClientID:     "web-post",
		ClientSecret: "demo-secret-of-web-post",
		RedirectURL:  redirectURI,
		Scopes:       []string{"openid", "profile", "offline_access", "read:notes"},
		Endpoint:     oauth2.Endpoint{AuthURL: issuer + "authorize", TokenURL: issuer + "oauth/token"},
	}
	digest := sha256.Sum256([]byte(verifier))
	login := func(codeVerifier string) (*oauth2.Token, error) {
		back := visit(config.AuthCodeURL(
			"a state",
			oauth2.SetAuthURLParam("code_challenge", base64.RawURLEncoding.EncodeToString(digest[:])),
			oauth2.SetAuthURLParam("code_challenge_method", "S256"),
		))
		code := back.Query().Get("code")
		return config.Exchange(ctx, code, oauth2.SetAuthURLParam("code_verifier", codeVerifier))
	}

	token, err := login(verifier)
	if err != nil {
		log.Fatal(err)
	}
	result := map[string]string{"login": token.AccessToken}
	token.Expiry = time.Now().Add(-time.Hour)
	refreshed, err := config.TokenSource(ctx, token).Token()
	if err != nil {
		log.Fatal(err)
	}
	result["refresh"] = refreshed.AccessToken
	if _, err = login("another-verifier-another-verifier-another-verifier"); err != nil {
		result["refusal"] = err.Error()
	}
	json.NewEncoder(os.Stdout).Encode(result)
}
