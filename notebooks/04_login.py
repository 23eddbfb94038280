# %% [markdown]
# # Lesson 4: How does a client ask for a token?
#
# | | |
# |---|---|
# | **You will** | take the form that OAuth2 clients send, and refuse all else · keep tokens out of caches · refuse in words that a client program can read |
# | **Time** | 30 minutes |
# | **You need** | Lesson 3: tokens, and how to check them |
# | **Words you will meet** | client, OAuth2, form, password grant, cache, no-store, invalid_grant |
#
# In lesson 3 you gave out tokens at your own `/login`.
# Now programs that you have never seen want to log in too.

# %% [markdown]
# ## Scene: a mail program logs in
#
# Alice reads her mail with a program. A program that asks an API is called a **client**.
# Many clients speak **OAuth2** (open authorization, version 2), the standard in RFC 6749.
# They know one way to ask for a token, so nobody has to teach them yours.
#
# Load the helpers, and start the server from your files in `lessons/lesson_04_login`.

# %%
from workbook.notebook import *

live(4)

# %% [markdown]
# Alice opens an account. Then her mail program asks for a token at `/token`.

# %%
signed_up = alice.sign_up()
form = {"grant_type": "password", **alice.credentials}
logged_in = alice.post("/token", form=form)
logged_in

# %% [markdown]
# The body on the left is a **form**: names and values, joined by `=` and `&`.
# OAuth2 calls this kind of login the **password grant**: a password goes in, a token comes out.
# After that the client sends the token alone, as in step 3 of this picture.
# No route looks at it yet: that is lesson 5.

# %%
token = logged_in.json["access_token"]
used = alice.get("/profile", params={"username": "alice"}, token=token)
scene([signed_up, logged_in, used], title="The password flow: account, login, use")

# %% [markdown]
# One honest word. RFC 9700 §2.4 says that the password grant must not be used.
# Its reason: the client gets to see your password. So never offer it to other people's apps.
# Here your own client asks for your own service's passwords.
# That is a first-party login in the shape of the grant.
#
# ## Predict: JSON at the wrong door
#
# Mallory knows that `/login` takes JSON.
# She sends the same JSON to `/token`, which waits for a form.

# %% tags=["predict"]
predict("Mallory sends JSON to /token. Which status comes back?", ...)

# %% [markdown]
# ## Attack: one request that nobody expected
#
# Send it, and set the fact beside your guess. The whole exchange stands below.

# %%
card = mallory.post("/token", json=mallory.credentials)
display(reveal("Mallory sends JSON to /token. Which status comes back?", card), card)

# %% [markdown]
# On the untouched lesson the server crashes with 500. It blames itself for Mallory's bad request.
# She can send that all night, until your log holds nothing else.
# The workbook keeps this attack in its collection, so that you can repeat it later.

# %%
attack("json_where_a_form_is_due")

# %% [markdown]
# Her next attack needs nothing but patience. A **cache** keeps copies of answers to save time.
# It may sit in the browser, or in a proxy between client and server.

# %% tags=["predict"]
predict("May a cache on the way keep Alice's token?", ...)

# %% [markdown]
# The answer's header `Cache-Control` decides.
# This cell plays a careless proxy whose copies Mallory can read.

# %%
answer = alice.post("/token", form=form)
kept = "no-store" not in answer.headers.get("cache-control", "")
print("Mallory reads:", answer.json["access_token"][:30] + "…" if kept else "nothing")
reveal("May a cache on the way keep Alice's token?", kept)

# %% [markdown]
# A good cache does not keep the answer to a `POST` by itself.
# The standard does not rely on good caches. In RFC 6749 §5.1 it demands the value **no-store**.
#
# ## Investigate: what can a client rely on?
#
# Below is all of `oauth.py`. `PasswordForm` says who reads the form: in the starter `read_form` does.
# `no_store` runs before each token answer.

# %%
source(4, "oauth.py")

# %% [markdown]
# The starter's `read_form` takes `form["username"]` for granted. JSON is no form, so the form is empty.
# A missing name raises `KeyError`, which nobody catches. And `no_store` does nothing yet.
#
# Now take the token apart. A client should not look inside, so the answer tells it `expires_in`.
# Does that number fit the two times in the token?

# %%
claims = Token(token).payload
print("in the token:", claims["exp"] - claims["iat"], "seconds")
print("told to the client:", logged_in.json["expires_in"], "seconds")
Token(token)

# %% [markdown]
# Next, the refusal. Alice mistypes her password, and her client follows a common rule.
# An answer that it cannot read is the server's fault, so it tries again, up to three times.

# %% tags=["predict"]
predict("Alice mistypes once. How many times is the password sent?", ...)

# %% [markdown]
# The client looks for one key, `error`, and stops when it finds it.

# %%
mistyped = {**form, "password": alice.password[:-1]}
sent = [alice.post("/token", form=mistyped)]
while '"error"' not in sent[-1].text and len(sent) < 3:
    sent.append(alice.post("/token", form=mistyped))
print("The last refusal:", sent[-1].text)
reveal("Alice mistypes once. How many times is the password sent?", len(sent))

# %% [markdown]
# The starter's `detail` is written for people. A client needs the word **invalid_grant**.
# It means that the name or the password is wrong, and that trying again is no use.
# Each needless try puts almost the whole password on its way, past every log and proxy.
#
# One fault is left. A guard in front of your server may count the guesses.
# It looks at the first password of a form. So Mallory sends the same wrong one first each time,
# and her true guess second.

# %% tags=["predict"]
predict("A form with two passwords, the second one right. Which status?", ...)

# %% [markdown]
# Which of the two does your code read?

# %%
twice = [("username", "alice"), ("password", "a-guess"), ("password", alice.password)]
both = mallory.post("/token", form=twice)
reveal("A form with two passwords, the second one right. Which status?", both)

# %% [markdown]
# With 200, the guard and the server have read two different forms.
# RFC 6749 §3.2 forbids a field that comes twice.
#
# ## Defend: your turn
#
# Open `oauth.py` and `app.py` in `lessons/lesson_04_login`. `BRIEF.md` tells all the rules.
#
# **Your turn 1.** Read the form with FastAPI.
#
# <details><summary>Hint 1</summary>Send JSON to the starter's <code>/token</code>. Which line fails, and who should have noticed earlier?</details>
# <details><summary>Hint 2</summary>FastAPI brings a class for this very form. It is imported in <code>oauth.py</code>, but nobody uses it.</details>
# <details><summary>Hint 3</summary><code>PasswordForm</code> is an <code>Annotated</code> of <code>OAuth2PasswordRequestForm</code>, with an empty <code>Depends()</code> beside it.</details>
#
# **Your turn 2.** Keep the token out of caches.
#
# <details><summary>Hint 1</summary>Look at the headers of a token answer. What forbids a proxy to keep a copy?</details>
# <details><summary>Hint 2</summary>A dependency may ask for the <code>Response</code> and set headers on it. <code>no_store</code> has it already.</details>
# <details><summary>Hint 3</summary>Set the key <code>Cache-Control</code> in <code>response.headers</code>. Its value is the name of the function, with a hyphen.</details>
#
# **Your turn 3.** Refuse in the words of the standard.
#
# <details><summary>Hint 1</summary>An OAuth2 client looks for one key in a refusal. RFC 6749 §5.2 names it.</details>
# <details><summary>Hint 2</summary>In <code>token</code>, raise <code>OAuthError</code> with the standard's name for wrong credentials. <code>refuse_client</code> turns it into an answer.</details>
# <details><summary>Hint 3</summary><code>refuse_client</code> returns a <code>JSONResponse</code> with the key <code>error</code>, the value <code>str(error)</code>, 400, and the same <code>Cache-Control</code> header.</details>
#
# **Your turn 4.** Take each field once.
#
# <details><summary>Hint 1</summary>Send <code>password</code> twice, the wrong one first. Which of the two counts?</details>
# <details><summary>Hint 2</summary><code>await request.form()</code> gives the form. Its method <code>multi_items</code> lists every pair, repeated names included.</details>
# <details><summary>Hint 3</summary>Collect the names in a list. If the list is longer than its <code>set</code>, raise <code>OAuthError</code> with <code>invalid_request</code>.</details>
#
# Save your files, and the server starts again by itself. Before you ask again, predict again.

# %% tags=["predict"]
predict("After your change: JSON at /token. Which status?", ...)

# %% [markdown]
# The same two requests as before, word for word: first the JSON, then the two passwords.

# %%
card = mallory.post("/token", json=mallory.credentials)
reveal("After your change: JSON at /token. Which status?", card)

# %%
mallory.post("/token", form=twice)

# %% [markdown]
# A 4xx says that the fault is the caller's.
# Now the workbook's collection: the crash, the cache, the client that tries again, the two passwords.
# Each attack gets a fresh server of your lesson.

# %%
raids = ["json_where_a_form_is_due", "token_in_a_cache"]
raids += ["unreadable_oauth_error", "repeated_password"]
for raid in raids:
    display(attack(raid))

# %% [markdown]
# ## Checkpoint
#
# The graded checks talk to your server as a stranger would.

# %%
check(4)

# %% [markdown]
# ## Seen in the wild
#
# In one published login, the function that makes the tokens wants a name and a role.
# The login passes a name alone. See a wrong password first, and then Alice with her own.

# %%
wild("login_without_role")
mallory.post("/login", json={"username": "alice", "password": "a-guess"})

# %%
alice.post("/login", json=alice.credentials)

# %% [markdown]
# Whoever tests refusals alone sees a sound 401 and is content. But nobody can log in.
# Worse, the crash tells Mallory that her guess was right. In a small copy you can read its reason.


# %%
def create_token(username, role):
    return f"a token for {username}, {role}"


try:
    create_token("alice")
except TypeError as error:
    print("TypeError:", error)

# %% [markdown]
# So test the honest way in as well. A type checker finds this fault before anybody runs it.
#
# ## You might ask
#
# **How does the server tell the client that a user is logged in?** It does so once, with the token answer.
# After that it keeps no list. To be logged in means to hold a good token and to send it each time.
# A 401 says that this is over. From lesson 6 on, a client can ask `/users/me` whom its token stands for.
#
# **Where does a client keep its token, and what about cookies?** A phone has a safe store for its apps.
# In a web page a variable is best: it is gone when the page closes.
# Every script in the page can read `localStorage`, even one that Mallory slipped in.
# That is cross-site scripting (XSS). A cookie marked `HttpOnly` is hidden from scripts.
# But the browser sends it by itself, even when another site causes the request.
# That is cross-site request forgery (CSRF). So mark the cookie `Secure` and `SameSite`,
# and check where a request comes from. Our API reads no cookies. Lesson 14 returns to browsers.
#
# **Why a form, and why 400?** The standard says so, and clients count on it.
# Your own pages may go on using JSON at `/login`, with its 401.
#
# ## Recap
#
# - An OAuth2 client sends a form, and looks for fixed names in the answer.
# - Each answer that holds a token carries `Cache-Control: no-store`.
# - Wrong credentials are `invalid_grant`, whether the name or the password is wrong.
# - Bad input gets a 4xx. A 500 is always the server's own fault.
#
# **Still open.** The client holds a token now, but no route for users asks to see it. That is lesson 5.
#
# **Read on.** RFC 6749 §4.3 tells the flow, RFC 6749 §5.2 the refusals, RFC 9700 §2.4 the warning.
# *Simple OAuth2 with Password and Bearer* is a page of the FastAPI tutorial.
