# %% [markdown]
# # Lesson 8: Whose page is it?
#
# | | |
# |---|---|
# | **You will** | let users reach their own things alone · answer for another's thing as for one that does not exist · keep owner, id and locks out of what a body may set |
# | **Time** | 35 minutes |
# | **You need** | lessons 6 and 7 |
# | **Words you will meet** | ownership, authorization, BOLA, mass assignment, primary key |
#
# Lesson 6 asked who is calling. This lesson asks a second question: may this caller have this thing?
# The first is authentication. The second is **authorization**.

# %% [markdown]
# ## Scene: private notes
#
# The service keeps notes now. Start it, and let three people open accounts.

# %%
from workbook.notebook import *

live(8)

# %%
people = [alice, bob, mallory]
ids = {one.username: one.sign_up().json["id"] for one in people}
for one in people:
    one.sign_in()

# %% [markdown]
# Alice writes two notes. Look at their ids.

# %%
pot = {"title": "For me alone", "body": "The key is under the third pot"}
display(
    alice.post("/notes", token=alice.token, json={"title": "Shopping", "body": "Two kites"}),
    alice.post("/notes", token=alice.token, json=pot),
)

# %% [markdown]
# The database counts: 1, 2, and so on. Such a number is the **primary key** of its row.
# Nothing about it is secret.
#
# ## Predict: a good token of one's own
#
# Mallory logs in as herself. Her token is honest and fresh. She asks for note 2.

# %% tags=["predict"]
predict("Mallory asks for note 2 with her own token. Which status?", ...)

# %% [markdown]
# ## Attack: count
#
# No forging is needed this time. She only has to count.

# %%
card = mallory.get("/notes/2", token=mallory.token)
display(reveal("Mallory asks for note 2 with her own token. Which status?", card), card)

# %% [markdown]
# On the untouched lesson she reads Alice's secret. Her token says who she is.
# The route never asks whose note it is.
# This hole is called **BOLA** (broken object level authorization). It leads OWASP's list of holes in APIs.
#
# Next, the list. Mallory has written nothing so far.

# %%
mallory.get("/notes", token=mallory.token)

# %% [markdown]
# A list should hold the caller's own notes. Hers should be `[]`.
#
# Reading is one thing. Can she also write? Here is a note with one field too many.

# %% tags=["predict"]
predict("Mallory posts a note with Alice's owner_id. Who owns it?", ...)

# %%
debt = {"title": "I owe Mallory 1,000", "body": "Alice", "owner_id": ids["alice"]}
display(mallory.post("/notes", token=mallory.token, json=debt))
question = "SELECT username FROM notes JOIN users ON users.id = owner_id WHERE title = ?"
owners = [row["username"] for row in table(question, debt["title"]).rows] or ["nobody"]
reveal("Mallory posts a note with Alice's owner_id. Who owns it?", ", ".join(owners))

# %% [markdown]
# On the untouched lesson Alice has a debt now, in her own list.
# All fields of the body went into the row. That is **mass assignment**.
#
# Last, the accounts. Users may change their own name and address, at `PUT /users/{id}`.
# Mallory hashes her own password at home, and sends the hash to Alice's id.

# %%
from passlib.hash import bcrypt

body = {"full_name": "Alice Amsel", "email": "mallory@example.net"}
body["password_hash"] = bcrypt.using(rounds=10).hash(mallory.password)
mallory.put(f"/users/{ids['alice']}", token=mallory.token, json=body)

# %% [markdown]
# What is in Alice's row now? The login will tell.

# %% tags=["predict"]
predict("Mallory logs in as alice, with Mallory's password. Which status?", ...)

# %%
card = mallory.post("/login", json={"username": "alice", "password": mallory.password})
display(reveal("Mallory logs in as alice, with Mallory's password. Which status?", card), card)

# %% [markdown]
# ## Investigate: the same request by three callers
#
# A fresh server, and two notes of Alice's. Then three callers send the same requests.


# %%
def three_callers():
    live(8)
    for one in [alice, mallory]:
        one.sign_up(), one.sign_in()
    made, last = (alice.post("/notes", token=alice.token, json=pot).json["id"] for _ in "12")
    mine = alice.get("/users/me", token=alice.token).json["id"]
    tokens = [alice.token, mallory.token, None]
    targets = {"GET": made, "PUT": made, "DELETE": last}
    calls = [(m, f"/notes/{number}", pot) for m in targets for number in (targets[m], 999)]
    calls += [("PUT", f"/users/{mine}", {"full_name": "A", "email": "a@example.com"})]
    cells = [[alice.call(m, path, token=t, json=j) for t in tokens[::-1]] for m, path, j in calls]
    names = [f"{m} {path}".replace(mine, "(Alice)") for m, path, _ in calls]
    return grid(names, ["nobody", "Mallory", "Alice"], cells, title="One request, three callers")


three_callers()

# %% [markdown]
# Read the middle column. On the untouched lesson Mallory is let in wherever Alice is.
# (Alice's 404 at `DELETE`: Mallory was there first.)
# The door tells nobody from somebody. It does not tell one user from another.
#
# Note 999 does not exist. Compare its rows with those of notes 1 and 2.
# When you are done, Mallory gets the same answer in both. Then she cannot even count Alice's notes.
#
# Now the code. Look for the place where `user` is used.

# %%
for name in ["own_note", "list_notes", "write_note", "NewNote", "change_account"]:
    display(source(8, name))

# %% [markdown]
# `own_note` gets a user, and on the untouched lesson it never looks at them.
# `db.get` finds a row by its primary key. It cannot know whose row you want.
# And `extra="allow"` invites every field into the model. The route then writes them all.
#
# Each of these rows has an owner, and the table says who. That is **ownership**.

# %%
table("SELECT id, owner_id, title FROM notes")

# %% [markdown]
# ## Defend: your turn
#
# Work in `lessons/lesson_08_ownership`. `BRIEF.md` there tells all the rules.
#
# **Your turn 1.** Find a note of the caller's, in `own_note` in `notes.py`.
#
# <details><summary>Hint 1</summary><code>own_note</code> gets three things. Which of them does the starter never use?</details>
# <details><summary>Hint 2</summary><code>db.get</code> knows one column, the primary key. You need a question about two columns: <code>id</code> and <code>owner_id</code>.</details>
# <details><summary>Hint 3</summary>Write <code>db.scalar(select(Note).where(Note.id == note_id, Note.owner_id == user.id))</code>. Keep the lines that refuse <code>None</code>.</details>
#
# **Your turn 2.** List the caller's notes, in `list_notes`.
#
# <details><summary>Hint 1</summary>Log in as Bob, who has written nothing. What should his list hold, and what does it hold?</details>
# <details><summary>Hint 2</summary>The token has told you who calls: <code>user.id</code>. Let the database leave out all other rows.</details>
# <details><summary>Hint 3</summary>Put <code>.where(Note.owner_id == user.id)</code> between <code>select(Note)</code> and <code>.order_by(Note.id)</code>.</details>
#
# **Your turn 3.** Take a note as it was meant, in `write_note`, `change_note` and `NewNote`.
#
# <details><summary>Hint 1</summary>Send a note with one more field in its body, such as <code>owner_id</code>. Where does that field end up?</details>
# <details><summary>Hint 2</summary>Two places are open: the model lets extra fields in, and the routes write every field into the row.</details>
# <details><summary>Hint 3</summary>Take <code>extra="allow"</code> off <code>NewNote</code>. Then name the columns: <code>Note(owner_id=user.id, title=new.title, body=new.body)</code>. In <code>change_note</code>, set title and body alone.</details>
#
# **Your turn 4.** Let users change themselves alone, in `change_account` in `app.py` and in `UserChange`.
#
# <details><summary>Hint 1</summary>Two ids meet in <code>change_account</code>: one in the address, one from the token. Which of them can Mallory choose?</details>
# <details><summary>Hint 2</summary>Compare <code>user_id</code> with <code>user.id</code>. When they differ, the answer is the 404 of an unknown user.</details>
# <details><summary>Hint 3</summary>Raise the 404 first. Then set <code>email</code> and <code>full_name</code> of <code>user</code>, by name. Take <code>extra="allow"</code> off <code>UserChange</code>.</details>
#
# Save, and the server starts again by itself. Predict again.

# %% tags=["predict"]
predict("After your change: Mallory asks for Alice's note. Which status?", ...)

# %% [markdown]
# The same request, on a fresh server. Below it stands the whole grid.

# %%
display(three_callers())
made = alice.post("/notes", token=alice.token, json=pot).json["id"]
card = mallory.get(f"/notes/{made}", token=mallory.token)
display(reveal("After your change: Mallory asks for Alice's note. Which status?", card), card)

# %% [markdown]
# Why 404 and not 403? A 403 says: there is such a note, and it is not yours.
# The right answer for somebody else's note is the answer for no note, word for word.
#
# Here are the attacks of the workbook's collection, each on an empty service.

# %%
raids = ["read_by_counting", "list_everybodys_notes", "overwrite_by_counting"]
raids += ["delete_by_counting", "note_in_anothers_name", "change_anothers_email"]
raids += ["take_over_an_account", "rename_by_a_body"]
for raid in raids:
    raided = attack(raid)
    raided.cards.clear()  # eight cards would fill the page
    display(raided)

# %% [markdown]
# ## Checkpoint
#
# These are the graded checks, as your teacher runs them.

# %%
check(8)

# %% [markdown]
# ## Seen in the wild
#
# **The id in the address is believed.** This app wants a good token for each change.
# The dependency stands in the decorator, so its result is thrown away.

# %%
wild("any_token_changes_anybody")
mallory.sign_in()
mallory.put("/users/1", token=mallory.token, json={"email": "mallory@example.net"})

# %% [markdown]
# A token is no key to all doors. It answers who is calling, and the route has to use the answer.
#
# **Every field of the body.** This app saves itself a list of columns, with a loop of `setattr`.

# %% tags=["predict"]
predict("Mallory sends is_admin: true with her new address. Is she an admin now?", ...)

# %% [markdown]
# The answer to her change looks harmless. Look at the last card.

# %%
wild("every_field_of_the_body")
mallory.sign_in()
mine = {"email": "mallory@example.net", "is_admin": True}
display(
    mallory.get("/admin", token=mallory.token),
    mallory.put("/users/me", token=mallory.token, json=mine),
)
card = mallory.get("/admin", token=mallory.token)
display(
    reveal(
        "Mallory sends is_admin: true with her new address. Is she an admin now?",
        card.status == 200,
    ),
    card,
)

# %% [markdown]
# The next column that somebody adds to this record is open from its first day.
#
# **A number by the length of the list.** This app counts its posts to find the next id.
# Post, delete another one, post again.

# %%
wild("id_by_length")
display(bob.post("/posts", json={"id": 0, "title": "Soup"}))
bob.delete("/posts/1")
bob.post("/posts", json={"id": 0, "title": "Cake"})

# %% [markdown]
# Two posts share number 4 now, and nobody can read the second. Let the database count.
#
# ## You might ask
#
# **Why do I get id 4 when I posted id 0?** The 0 was never yours to choose.
# The page `/docs` fills in a 0 because the model has a field `id`. The server then counted by itself.
# The fault lies in the model: it offers a field that has no effect.
# Use one model for what comes in and another for what goes out, as `NewNote` and `SavedNote` are.
#
# **How does `PUT` know which user the token stands for, so that only that user changes?** It does not, until you tell it.
# `user: CurrentUser` makes the token into a row, as in lesson 6. That row is the one to change.
# The id in the address has to agree with it, and decides nothing.
#
# **Where are real authorisation and permissions?** They begin here. Whose thing is it: that is the first rule.
# In lesson 9 roles join it, for what an admin may do. In lesson 10 come scopes, for what a token may do.
# None of them replaces the question of this lesson.
#
# **Would long random ids be enough?** They help, as nobody can count them. But ids leak: in links, in logs, in tokens.
# An id is a name. It is no proof that the caller may have the thing.
#
# **Should extra fields be refused or ignored?** Both are safe. To refuse them tells an honest client about a typing mistake.
# To ignore them lets old servers live with new clients.
#
# **Why ask for both in one question, and not look at the owner afterwards?** Both work. But an *afterwards* can be forgotten, or come after the change.
# With both in the question, a foreign row is never in your hands.
#
# ## Recap
#
# - A good token says who is calling. It does not say what is theirs.
# - Ask for the id **and** the owner, each time, before anything happens.
# - Somebody else's thing and no thing get one answer.
# - Name the columns that a body may set. All others are yours.
#
# **Still open.** All users are equal. Nobody can lock an account or help a user.
# Lesson 9 brings roles.
#
# **Read on.** *API1:2023* and *API3:2023* are OWASP's pages on these holes.
# RFC 9110 §15.5.5 says that a 404 may hide what a server does not want to admit.
