# %% [markdown]
# # Lesson 12: How can short tokens be comfortable?
#
# | | |
# |---|---|
# | **You will** | renew a short token with a long one · use each refresh token once, and notice a thief · end a login, with every token that came from it |
# | **Time** | 40 minutes |
# | **You need** | lessons 10 and 11 |
# | **Words you will meet** | refresh token, opaque token, rotation, reuse detection, token family |
#
# An access token ends after 15 minutes, and that is good: a stolen copy ends, too.
# But who wants to type a password four times an hour?

# %% [markdown]
# ## Scene: a second token
#
# Start the server.

# %%
from workbook.notebook import *

live(12)

# %% [markdown]
# Alice logs in. Look at the answer: a second token came along.

# %%
mallory.sign_up()
alice.sign_up()
login = alice.sign_in()
first = login.json["refresh_token"]
login

# %% [markdown]
# That is her **refresh token**. It lives for days.
# It is not meant for any route but one: `POST /token` swaps it for new tokens.
# So her program asks for the password once a week, and holds a short token all the same.


# %%
def refresh(who, token, **more):
    form = {"grant_type": "refresh_token", "refresh_token": token, **more}
    return who.post("/token", form=form)


refresh(alice, first)

# %% [markdown]
# ## Predict: a copy
#
# Mallory has copied Alice's first refresh token out of a backup of her phone.
# Alice has used that one. It should be worth nothing by now.

# %% tags=["predict"]
predict("Mallory refreshes with a token that Alice has used. Which status?", ...)

# %% [markdown]
# ## Attack: live on somebody else's login

# %%
card = refresh(mallory, first)
display(
    reveal("Mallory refreshes with a token that Alice has used. Which status?", card),
    card,
)

# %% [markdown]
# On the untouched lesson she is in, for seven days, and then for seven more.
# Does she even need to refresh? She could show the long token at the door.

# %% tags=["predict"]
predict("A refresh token is sent to /profile. Which status?", ...)

# %%
login = alice.sign_in()
copied = login.json["refresh_token"]
card = mallory.get("/profile", token=copied)
display(reveal("A refresh token is sent to /profile. Which status?", card), card)

# %% [markdown]
# Now Alice gets suspicious. She logs out, as she learned in lesson 11.

# %% tags=["predict"]
predict("Alice logs out. Then Mallory refreshes with her copy. Which status?", ...)

# %%
out = alice.post("/logout", token=alice.token)
card = refresh(mallory, copied)
display(reveal("Alice logs out. Then Mallory refreshes with her copy. Which status?", card))
display(out, card)

# %% [markdown]
# ## Investigate: a token like any other
#
# Take the refresh token apart. On the untouched lesson it is a signed token with a distant `exp`.
# An **opaque token** would be better: a random text that only the server can look up.
# Below are the code, and what is stored.

# %%
display(Token(copied))
for name in ["issue", "use"]:
    display(source(12, name))
table("refresh_tokens")

# %% [markdown]
# On the untouched lesson there is nothing. A server that writes nothing down can take nothing back.
#
# ## Defend: your turn
#
# Work in `lessons/lesson_12_refresh`. `BRIEF.md` there tells all the rules. Do turns 1 and 2 in one go.
#
# **Your turn 1.** Store a hash, and hand out a text that says nothing, in `issue` in `refresh.py`.
#
# <details><summary>Hint 1</summary>A copy of the database may fall into Mallory's hands. What does she need that should not be in it?</details>
# <details><summary>Hint 2</summary><code>secrets.token_urlsafe</code> draws a text that nobody can guess. <code>digest</code> gives its hash, and <code>RefreshToken</code> is the row for it.</details>
# <details><summary>Hint 3</summary>Draw <code>token = secrets.token_urlsafe(32)</code>. <code>db.add</code> a <code>RefreshToken</code> with <code>token_hash=digest(token)</code> and all that <code>issue</code> was given, <code>session_version</code> of the account included. Return <code>token</code>.</details>
#
# **Your turn 2.** Use a token once, in `use`.
#
# <details><summary>Hint 1</summary>Two requests bring the same token at one moment. Both look first and write later. What do both see?</details>
# <details><summary>Hint 2</summary>An <code>UPDATE … WHERE used_at IS NULL</code> finds the row for one of them only. With <code>RETURNING</code> it also says which row it changed.</details>
# <details><summary>Hint 3</summary><code>update(RefreshToken).where(…)</code> with three conditions: the hash, <code>used_at.is_(None)</code>, <code>expires_at</code> above now. Then <code>db.scalar(….values(used_at=now).returning(RefreshToken))</code>. If that is <code>None</code>, call <code>end_family_of</code> and raise <code>OAuthError("invalid_grant")</code>. Do so also if <code>is_denied(db, {"jti": row.family})</code>: a logout may run at the same moment.</details>
#
# Save. Mallory sends her copy eight times, at one moment.

# %% tags=["predict"]
predict("One refresh token, eight times at one moment: how many get new tokens?", ...)

# %%
token = alice.sign_in().json["refresh_token"]
form = {"grant_type": "refresh_token", "refresh_token": token}
cards = mallory.at_once(8, "POST", "/token", form=form)
won = sum(card.status == 200 for card in cards)
reveal("One refresh token, eight times at one moment: how many get new tokens?", won)

# %% [markdown]
# At most one should win: the database decides, in one step.
# Each refresh now brings a new refresh token and uses the old one up. That is called **rotation**.
#
# Let Alice log in twice, on her phone and on her laptop. On the phone she refreshes three times.

# %%
laptop = alice.sign_in().json["refresh_token"]
phone = [alice.sign_in().json["refresh_token"]]
for _ in range(3):
    phone.append(refresh(alice, phone[-1]).json.get("refresh_token", ""))

# %% [markdown]
# Draw what the table holds, then look at its rows. All tokens of one login are a **token family**.


# %%
def family_tree():
    families = {}
    for row in reversed(table("SELECT * FROM refresh_tokens ORDER BY rowid").rows):
        name = f"{row['token_hash'][:8]}… {'used' if row['used_at'] else 'fresh'}"
        families[row["family"]] = {name: families.get(row["family"], {})}
    logins = {f"login {family[:6]}…": tokens for family, tokens in families.items()}
    return tree(logins, title="The families of Alice's logins", verb="led to")


display(family_tree())
table(
    "SELECT substr(token_hash, 1, 8) AS token_hash, substr(family, 1, 6) AS family, "
    "expires_at, used_at FROM refresh_tokens ORDER BY rowid",
    title="Table refresh_tokens, its texts cut short",
)

# %% [markdown]
# On the untouched lesson both are empty. Later, the names in the boxes are the first letters of each hash. The newest token of each family is fresh.
# All tokens of one family end at the same second. No refresh makes a login longer.
#
# Now Mallory comes with the phone's first token. It is used, so she is refused. Is that all?
# Perhaps Mallory was faster than Alice, and it is *Alice* who comes with the used one.
# Then Mallory holds the fresh token. Nobody can tell. But one thing is sure: two people have it.
#
# **Your turn 3.** Notice a token used twice: `end_family_of` and `end_family`, and the turn 3 in `login.py`.
#
# <details><summary>Hint 1</summary>A token comes that has been used before. Who sends it: Alice, or Mallory? And who holds the newest one?</details>
# <details><summary>Hint 2</summary>The row of the used token is still there, and names its <code>family</code>. <code>denylist.py</code> can put that name on the list, for the access tokens. <code>narrowed</code> in <code>scopes.py</code> is ready.</details>
# <details><summary>Hint 3</summary><code>end_family_of</code>: <code>db.get</code> the row by its digest, and end its family if there is one. <code>end_family</code>: delete its row that is not used yet, commit, then <code>deny</code> its name for <code>REFRESH_TOKEN_SECONDS</code>. In <code>next_tokens</code>: <code>narrowed(account, used.scope, form.scopes)</code>, and <code>used.expires_at</code>.</details>
#
# Save. Mallory uses her copy. Then the phone's newest token is tried, and the laptop's.

# %%
tried = {"the phone's first": refresh(mallory, phone[0])}
tried["the phone's newest"] = refresh(alice, phone[-1])
tried["the laptop's"] = refresh(alice, laptop)
grid(list(tried), ["POST /token"], [[card] for card in tried.values()])

# %% [markdown]
# The whole phone is out, and the laptop goes on. That is **reuse detection**.
# Alice logs in again on her phone, and Mallory holds nothing.
#
# **Your turn 4.** End a login, and tell tokens apart: in `sessions.py`, `login.py` and `tokens.py`.
#
# <details><summary>Hint 1</summary>Alice logs out, and her access token is on the list. Which other token came with it?</details>
# <details><summary>Hint 2</summary>The claim <code>sid</code> of an access token names its family. <code>end_family</code> and <code>end_family_of</code> do the work. PyJWT's <code>encode</code> takes <code>headers=</code>, and <code>decode_complete</code> returns the header, too.</details>
# <details><summary>Hint 3</summary><code>end_family(db, claims["sid"])</code> in <code>logout</code>, <code>end_family_of(db, token)</code> in <code>revoke</code>. In <code>next_tokens</code> refuse who is <code>None</code>, disabled, or has another <code>session_version</code> than the row. In <code>tokens.py</code>, <code>headers={"typ": TYPE}</code>, and raise <code>InvalidToken</code> unless <code>typ</code> is the text <code>at+jwt</code> (capitals, and <code>application/</code> in front, are free).</details>
#
# Save, and run Mallory's two attacks from above once more.

# %%
login = alice.sign_in()
copied = login.json["refresh_token"]
door = mallory.get("/profile", token=copied)
alice.post("/logout", token=alice.token)
grid(["at /profile", "after logout"], ["her copy"], [[door], [refresh(mallory, copied)]])

# %% [markdown]
# Here are the attacks of the workbook's collection, each on an empty service.
# The race is missing, for it hangs on chance: `attack("two_refreshes_at_one_moment")` runs it.

# %%
raids = ["stolen_refresh_token_twice", "refresh_token_as_access_token"]
raids += ["access_token_as_refresh_token", "refresh_after_logout"]
raids += ["refresh_after_password_change", "wider_scope_at_refresh", "refresh_for_ever"]
for raid in raids:
    raided = attack(raid)
    raided.cards.clear()  # seven times three cards would fill the page
    display(raided)

# %% [markdown]
# ## Checkpoint
#
# These are the graded checks, as your teacher runs them.

# %%
check(12)

# %% [markdown]
# ## Seen in the wild
#
# **Thirty minutes and seven days.** This app keeps both numbers in its settings.
# Both tokens are made by one function.

# %%
wild("long_token_for_refresh")
both = alice.post("/login", json=alice.credentials).json
mallory.get("/profile", token=both["refresh_token"])

# %% [markdown]
# Its access token lives for seven days, whatever the settings say. A thief takes the long one.
#
# **Look first, write later.** This app means to rotate. It asks whether the token is used, and marks it then.

# %% tags=["predict"]
predict("This app meets one token eight times at one moment: how many win?", ...)

# %%
wild("look_first_write_later")
form = {"refresh_token": alice.post("/login").json["refresh_token"]}
cards = mallory.at_once(8, "POST", "/token", form=form)
won = sum(card.status == 200 for card in cards)
reveal("This app meets one token eight times at one moment: how many win?", won)

# %% [markdown]
# It is a race, so the number changes. Most often several win: all of them looked before the first one wrote.
# Try it one request after the other, as a test does, and you never see it.
#
# **A copied role.** This page advises short tokens plus refresh, and copies the role from the old token.
# Mallory is an admin. Then she is dismissed, and refreshes.

# %%
wild("role_copied_at_refresh")
token = mallory.post("/login", json=mallory.credentials).json["token"]
stored("users.json", {"mallory": {"password": mallory.password, "role": "user"}})
token = mallory.post("/refresh", token=token).json["token"]
mallory.get("/admin", token=token)

# %% [markdown]
# Each refresh is a chance to look at the user anew. Yours takes role and lock from the database.
#
# ## You might ask
#
# **Why not one token of seven days?** The long one travels once a quarter of an hour, to one address.
# The short one travels with each request, past every log. And only the long one needs a look at a table of logins.
#
# **How short is short, and how long is long?** Thirty minutes and seven days, as in that app, are usual.
# The first is what a thief gets. The second is how long a user may stay away.
#
# **What if the answer gets lost on the way?** Then an honest client repeats a used token, and its login ends.
# You chose the strict way. Some services answer a repeat within seconds once more.
# That is friendlier, and gives a fast thief the same chance.
#
# **Why a fast hash here, and bcrypt for passwords?** People choose passwords that can be guessed.
# Nobody guesses 256 random bits, so slowness buys nothing.
#
# **Where does a client keep its refresh token?** An app asks its system for a locked place.
# In a browser, a cookie that scripts cannot read is the better half of bad choices. Lesson 14 says more.
#
# **Does each client refresh by itself?** Those that know OAuth2 (open authorization) do. Give them the address of `/token`,
# and they send the second form when the first token ends. The workbook proves it with two of them.
#
# **What does all this looking cost?** Each request asks the database who calls, and whether the token has ended.
# Below are all lessons, and two published designs. The last one, a known library, keeps no list.
#
# **And if many log in at once?** A slow hash keeps a core busy. Your `passwords.py` leaves one core to all the others.
# So the second login hardly matters: it waits in line behind the first.

# %%
display(bars(measured("processor time of a request"), "ms", "What one protected request costs"))
title = "How long the slowest of a hundred requests waits meanwhile"
bars(measured("wait of the slowest in a hundred"), "ms", title)

# %% [markdown]
# ## Recap
#
# - A short token for routes, a long one for `/token` alone.
# - The long one is random, stored as a hash, and good for one use.
# - Look and write in one step, or two will win.
# - Used twice means stolen: the whole family ends.
# - A login ends with all its tokens, and never later than it said at first.
#
# **Still open.** One secret signs and checks everything, and whoever learns it is everybody.
# Lesson 13 asks who holds the key.
#
# **Read on.** RFC 6749 §6 defines the refresh. RFC 9700 §4.14 tells why tokens rotate. RFC 9068 §2.1 names `at+jwt`.
