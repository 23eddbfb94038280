# %% [markdown]
# # Lesson 11: How do you take a token back?
#
# | | |
# |---|---|
# | **You will** | give each token a name · keep a list of revoked tokens where every worker looks · end all sessions of a user at once |
# | **Time** | 40 minutes |
# | **You need** | lessons 7 and 10 |
# | **Words you will meet** | session, revocation, worker, denylist, jti, time to live |
#
# A good token is good until it ends. What if its owner wants to leave earlier, or has lost it?
# To take a token back before its end is called **revocation**.

# %% [markdown]
# ## Scene: a logout
#
# Start the server. Alice opens an account and logs in. Now she has a **session**: it lasts from her login to its end.

# %%
from workbook.notebook import *

live(11)
alice.sign_up()
alice.sign_in()
alice.get("/profile", token=alice.token)

# %% [markdown]
# She logs out, and tries the token once more. The first card says 204: done, and nothing to tell.

# %%
display(alice.post("/logout", token=alice.token))
alice.get("/profile", token=alice.token)

# %% [markdown]
# Her token is refused, long before its `exp`. The signature is still good, so the server must remember something.
#
# ## Predict: a short memory
#
# Mallory has a copy of that token. She waits until Olga starts the server anew.

# %% tags=["predict"]
predict("Alice has logged out, then the server restarts. Which status?", ...)

# %% [markdown]
# ## Attack: wait, go next door, write it differently
#
# `restart` stops the server as a power cut would. What is stored on disk stays.

# %%
restart()
card = mallory.get("/profile", token=alice.token)
display(reveal("Alice has logged out, then the server restarts. Which status?", card), card)

# %% [markdown]
# A busy service runs in several processes. Each one is a **worker**, with a memory of its own.
# A request goes to any of them. Here Alice happens to log out at the second one.


# %%
def ask_both():
    alice.sign_in()
    token = alice.token
    first = [mallory.get("/profile", token=token)]
    with second_worker():
        second = [mallory.get("/profile", token=token)]
        alice.post("/logout", token=token)
        second.append(mallory.get("/profile", token=token))
    first.append(mallory.get("/profile", token=token))
    workers, columns = ["first worker", "second worker"], ["before the logout", "after it"]
    return grid(workers, columns, [first, second], title="Who knows of the logout?")


ask_both()

# %% [markdown]
# Only the first column should say yes. On the untouched lesson the first worker has never heard of the logout.
#
# There is a third way. Alice logs out again, and Mallory writes a `=` behind her copy of the token.

# %% tags=["predict"]
predict("Alice has logged out; Mallory adds one = to the token. Which status?", ...)

# %% [markdown]
# The sign `=` fills base64 texts up to a full length. A token has none, but some readers take one more.

# %%
alice.sign_in()
alice.post("/logout", token=alice.token)
card = mallory.get("/profile", token=alice.token + "=")
display(reveal("Alice has logged out; Mallory adds one = to the token. Which status?", card), card)

# %% [markdown]
# ## Investigate: a list of texts, in the wrong place
#
# What does the server remember, and where? Here are the three pieces.

# %%
for name in ["denylist.deny", "denylist.is_denied", "verify_token"]:
    display(source(11, name))

# %% [markdown]
# A list of tokens that are refused, however good they look, is a **denylist**.
# On the untouched lesson it is a set in the memory of one process. And it holds the text of the token.
# But one token can be written in more than one way. Its text is not its name.
#
# Has a token got a name at all? Log in twice, as fast as you can, and compare the two texts.
# Then look for a name in the payload.

# %% tags=["predict"]
predict("Two logins in one second: the same token, True or False?", ...)

# %%
tokens = []
for _ in range(2):
    alice.sign_in()
    tokens.append(alice.token)
same = tokens[0] == tokens[1]
display(reveal("Two logins in one second: the same token, True or False?", same))
Token(alice.token)

# %% [markdown]
# Same user, same second, same claims: on the untouched lesson that gives the same token.
# So two sessions share it, and one logout ends both. A token needs a name of its own.
# The claim for it is **jti**, the JWT identifier.
#
# How long must the list hold a name? Draw the life of a token.

# %%
life = {"login": 0, "logout": 4, "Mallory's try": 9, "exp": 15}
entry = {"put on": 4, "may leave": 15}
timeline({"Alice's token": life, "entry on the list": entry}, title="A token and its entry")

# %% [markdown]
# After `exp` the token is refused without a list. So an entry needs to last until then, and no longer.
# How long something is kept is its **time to live**. Without one the list grows for ever.
#
# ## Defend: your turn
#
# Work in `lessons/lesson_11_revocation`. `BRIEF.md` there tells all the rules.
#
# **Your turn 1.** Give each token a name, in `tokens.py`.
#
# <details><summary>Hint 1</summary>Log in twice within a second and compare the tokens. What tells them apart on the starter?</details>
# <details><summary>Hint 2</summary><code>uuid4().hex</code> gives a name that nobody had before. A claim that must be there stands in <code>REQUIRED</code>.</details>
# <details><summary>Hint 3</summary>Set <code>claims["jti"] = uuid4().hex</code>, add <code>"jti"</code> to <code>REQUIRED</code>, take no name that is empty or not printable, and return the claims as they are.</details>
#
# **Your turn 2.** Keep the list where all workers look, in `denylist.py`.
#
# <details><summary>Hint 1</summary>Where does the set <code>denied</code> live? What becomes of it at a restart, and what does a second process see of it?</details>
# <details><summary>Hint 2</summary><code>RevokedToken</code> is a row with <code>jti</code> and <code>expires_at</code>. Add one to deny a token, look for one by its <code>jti</code> to know.</details>
# <details><summary>Hint 3</summary><code>db.add(RevokedToken(jti=…, expires_at=claims["exp"]))</code> and commit; on an <code>IntegrityError</code> roll back. To forget, <code>delete(RevokedToken)</code> where <code>expires_at</code> is not after <code>time.time()</code>, and commit. When <code>REDIS_URL</code> is set, your <code>deny</code> and <code>is_denied</code> hand over to <code>redis_list</code>, and the table stays empty.</details>
#
# Save, and the server starts again by itself. Then play the scenes once more, in another order.

# %%
display(ask_both())
alice.sign_in()
alice.post("/logout", token=alice.token)
display(mallory.get("/profile", token=alice.token + "="))
restart()
mallory.get("/profile", token=alice.token)

# %% [markdown]
# The list is a table now, and this is what every worker reads.
# One more row is put in, of a token that ended long ago. The next logout should sweep it out.

# %%
change("DELETE FROM revoked_tokens WHERE jti = ?", "of last year")
change("INSERT INTO revoked_tokens (jti, expires_at) VALUES (?, ?)", "of last year", 1_700_000_000)
alice.sign_in()
alice.post("/logout", token=alice.token)
table("revoked_tokens")

# %% [markdown]
# **Your turn 3.** Take back one token, in `revoke` in `sessions.py`. An app that is done with a token hands it in there.
#
# <details><summary>Hint 1</summary>Who may take a token back: whoever knows its name, or whoever holds it?</details>
# <details><summary>Hint 2</summary><code>verify_token</code> tells a good token from a forged one. <code>suppress(InvalidToken)</code> lets a bad one pass without a word.</details>
# <details><summary>Hint 3</summary>Inside <code>with suppress(InvalidToken):</code> call <code>deny(db, verify_token(token))</code>. Then return <code>{}</code>, whatever came.</details>
#
# Save. Mallory hands in a token that she forged: Bob's name on it, Mallory's key beneath it.

# %%
bob.sign_up()
bob.sign_in()
forged = Token(bob.token).signed_with("a key that Mallory made up")
display(mallory.post("/revoke", form={"token": str(forged)}))
bob.get("/profile", token=bob.token)

# %% [markdown]
# Bob is still in. And the answer tells Mallory nothing: a good token gets the very same one.
#
# Bob has two sessions, on his phone and on his laptop. He loses the phone.
# The thief has its token, and Bob has not. He logs out everywhere.

# %% tags=["predict"]
predict("Bob has logged out everywhere. The phone's token: which status?", ...)

# %%
bob.sign_in()
phone = bob.token
bob.sign_in()
bob.post("/logout-everywhere", token=bob.token)
card = mallory.get("/profile", token=phone)
display(reveal("Bob has logged out everywhere. The phone's token: which status?", card), card)

# %% [markdown]
# A list of names cannot help: nobody has the name of the phone's token at hand.
# Mallory finds the laptop open, too. Can she take the whole account with it?
# On an empty service, she makes up the old password. Then Bob tries to log in with the real one.

# %% tags=["predict"]
predict("A new password, without the old one. Which status?", ...)

# %%
live(11)
bob.sign_up()
bob.sign_in()
guess = {"current_password": "no-idea", "new_password": "mallory-was-here"}
card = mallory.put("/users/me/password", token=bob.token, json=guess)
display(reveal("A new password, without the old one. Which status?", card), card)
bob.post("/login", json=bob.credentials)

# %% [markdown]
# **Your turn 4.** Take back all tokens of a user, in `sessions.py` and `security.py`.
#
# <details><summary>Hint 1</summary>You do not hold the token in the lost phone. What do all old tokens have in common that a new one has not?</details>
# <details><summary>Hint 2</summary>Each token says in <code>ver</code> which version of the user's sessions it is of. What if the user's own <code>session_version</code> is a higher number?</details>
# <details><summary>Hint 3</summary>In <code>end_sessions</code> set <code>account.session_version = Account.session_version + 1</code> and commit, so that the database counts. In <code>find_caller</code> return the account only if <code>ver</code> equals it. For a new password, <code>verify_password</code> first, then end the sessions.</details>
#
# Save, and run the last two scenes again. Then let the workbook's collection attack, each on an empty service.

# %%
raids = ["replay_at_the_second_worker", "replay_in_another_spelling", "replay_after_revoke"]
raids += ["replay_after_logout_everywhere", "fill_the_denylist", "signed_in_after_password_change"]
for raid in raids:
    raided = attack(raid)
    raided.cards.clear()  # six cards would fill the page
    display(raided)

# %% [markdown]
# ## Checkpoint
#
# These are the graded checks, as your teacher runs them.

# %%
check(11)

# %% [markdown]
# ## Seen in the wild
#
# **Goodbye.** This logout tells the client to delete its token. The client may even do so.

# %%
wild("goodbye")
alice.sign_in()
display(alice.post("/logout", token=alice.token))
mallory.get("/profile", token=alice.token)

# %% [markdown]
# The copy is as good as before. Deleting a token at home takes back nothing.
#
# **A blacklist called whitelist.** Here a list holds what is *not* let in, under the opposite name.
# It holds texts, in one process. Alice logs out. Then Mallory tries the token as it is, with a `=`, and after a restart.
# In between she logs out a text that never was a token. Look how long the list is then.

# %% tags=["predict"]
predict("The app restarts. Which status for the token on its list?", ...)

# %%
wild("blacklist_called_whitelist")
alice.sign_in()
alice.post("/logout", token=alice.token)
cards = [mallory.get("/profile", token=alice.token + end) for end in ("", "=")]
noise = mallory.post("/logout", token="never-was-a-token")
restart()
card = mallory.get("/profile", token=alice.token)
display(reveal("The app restarts. Which status for the token on its list?", card), *cards, noise)

# %% [markdown]
# It has three faults that you mended: memory, texts, and no end. There is a fourth. A token without `exp` passes,
# so an entry could never leave.
#
# ## You might ask
#
# **I read that tokens cannot be revoked. Is that wrong?** A token alone cannot be called back, as it is a text in somebody's hands.
# But your server decides at each request. It asks a list, so the token is worthless.
# The two ways that are often named, a short life and a denylist, go together: a short `exp` keeps the list short.
#
# **Does this not undo what tokens are good for?** Partly. Each request asks the store.
# You look the user up anyway, since lesson 6. One more row by its key costs little.
#
# **What if the list cannot be read?** Then nobody comes in. Your service says 503 until it can.
# To go on without the list is to fail open, and a thief waits for that moment.
#
# **Why not keep a time, and refuse what was issued before it?** `iat` counts whole seconds.
# A login in the same second would look as old as the stolen token. A counter tells them apart.
#
# **When do I need Redis?** When many workers ask often. Set `REDIS_URL`, and `redis_list.py` keeps the list there.
# Redis drops each entry by itself, at the second of its `exp`.
#
# **Why does a bad token at `/revoke` get 200?** Its owner wanted it to be worthless, and it is (RFC 7009 §2.2).
# Another answer would help a thief to sort his tokens.
#
# ## Recap
#
# - A token needs a name, the `jti`. Its text is not its name.
# - What is revoked stands where every worker looks, until the token would have ended.
# - Verify first, then revoke.
# - A counter in the user's row ends all sessions at once. A new password must do so.
# - When the list cannot be read, the door stays shut.
#
# **Still open.** A short token is safe, and means a login every 15 minutes.
# Lesson 12 renews it without a password.
#
# **Read on.** RFC 7009 defines `/revoke`, RFC 7519 §4.1.7 the `jti`.
# The OWASP JSON Web Token Cheat Sheet has a part on denylists.
