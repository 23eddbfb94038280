# %% [markdown]
# # Lesson 9: What may they do?
#
# | | |
# |---|---|
# | **You will** | ask for a role with one dependency, on a whole router · read the role from the database, never from the token · keep one admin, whatever happens |
# | **Time** | 40 minutes |
# | **You need** | lessons 6 and 8 |
# | **Words you will meet** | role, authorization, dependency factory, privilege escalation, race condition |
#
# Who is calling? Your API knows. May they do this? That question is called **authorization**.
# Lesson 8 answered it for things that have an owner. Now somebody may do more than the others.

# %% [markdown]
# ## Scene: Olga comes to work
#
# Olga runs the service. Her account exists from the start, as a password for her is set.
# What sets her apart is a **role**: a name for what a user may do.
#
# Alice and Mallory open accounts, and all three log in. The last line shows the table of roles.

# %%
from workbook.notebook import *

display(live(9, ADMIN_PASSWORD=olga.password))
ids = {one.username: one.sign_up().json["id"] for one in (alice, mallory)}
cards = [one.sign_in() for one in (alice, mallory, olga)]
ids["olga"] = olga.get("/users/me", token=olga.token).json["id"]
table("SELECT username, role FROM users JOIN user_roles ON user_id = id")

# %% [markdown]
# There is a page for admins. Olga asks for it, then Alice.

# %%
display(olga.get("/admin", token=olga.token))
alice.get("/admin", token=alice.token)

# %% [markdown]
# 403 is new. A 401 says: show me who you are. A 403 says: I know who you are, and you may not.
#
# ## Predict: the list of everybody
#
# The admin area has a list of all users, with their e-mail addresses. Mallory asks for it, as herself.

# %% tags=["predict"]
predict("Mallory asks for the list of all users. Which status?", ...)

# %% [markdown]
# ## Attack: what the guard at one door does not see

# %%
listed = mallory.get("/users", token=mallory.token)
display(reveal("Mallory asks for the list of all users. Which status?", listed), listed)

# %% [markdown]
# On the untouched lesson she has names, addresses and ids. With an id she can go on.
# Another route gives out roles. She asks it for one, logs in anew, and knocks at the admin area.
# To get more rights than one was given is called **privilege escalation**.

# %% tags=["predict"]
predict("Mallory gives herself the role admin. Which status?", ...)

# %%
path = f"/users/{ids['mallory']}/roles"
crowned = mallory.put(path, token=mallory.token, json={"roles": ["admin"]})
display(reveal("Mallory gives herself the role admin. Which status?", crowned), crowned)
mallory.sign_in()
mallory.get("/admin", token=mallory.token)

# %% [markdown]
# Now an honest story. Mallory is an admin for a week, by Olga's hand. She logs in on Friday.
# On Monday Olga takes the role away. Mallory still has Friday's token.

# %% tags=["predict"]
predict("Mallory is no admin any more. What does Friday's token get?", ...)

# %%
olga.put(path, token=olga.token, json={"roles": ["admin"]})
mallory.sign_in()
friday = mallory.token
display(mallory.get("/admin", token=friday))
olga.put(path, token=olga.token, json={"roles": []})
card = mallory.get("/admin", token=friday)
display(reveal("Mallory is no admin any more. What does Friday's token get?", card), card)

# %% [markdown]
# One more story. Mallory helps in the office now. Olga gives her the role `admin-assistant`.

# %%
olga.put(path, token=olga.token, json={"roles": ["admin-assistant"]})
mallory.sign_in()
mallory.get("/admin", token=mallory.token)

# %% [markdown]
# Last, a quiet accident. Olga is the only admin. She takes the role from herself.

# %% tags=["predict"]
predict("The only admin gives up the role. Which status?", ...)

# %%
own = f"/users/{ids['olga']}/roles"
card = olga.put(own, token=olga.token, json={"roles": []})
display(reveal("The only admin gives up the role. Which status?", card), card)

# %% [markdown]
# On the untouched lesson nobody can name an admin any more, for naming one takes an admin.
# You hold the database, so you can mend it this once.

# %%
change("INSERT OR IGNORE INTO user_roles (user_id, role) VALUES (?, 'admin')", ids["olga"])
table("user_roles")

# %% [markdown]
# ## Investigate: who believes whom?
#
# Take Friday's token apart. Look for a claim that should not decide anything, and for who reads it.

# %%
display(Token(friday), source(9, "require_role"))
source(9, "admin.router")

# %% [markdown]
# `require_role` is a **dependency factory**: called with a role, it returns a dependency.
# On the untouched lesson that guard reads the claim, and a claim is as old as its login.
# And its `in` looks for a part of a text: `"admin" in "admin-assistant"` is true.
#
# Which doors have a guard at all? Do not trust a list made by hand.
# Read the routes from the running app, and try each as nobody, as Alice, as Olga.


# %%
def who_may():
    tokens = {"nobody": None, "Alice": alice.token, "Olga": olga.token}
    rows = []
    for method, path in routes():
        path = path.replace("{user_id}", "0").replace("{note_id}", "0")
        cards = [alice.call(method, path, token=token) for token in tokens.values()]
        rows.append([card if card.status in (401, 403) else "yes" for card in cards])
    return grid([" ".join(one) for one in routes()], list(tokens), rows, title="Who may call what")


who_may()

# %% [markdown]
# "Yes" means: past the guard. The requests carry no body, so most would end with 422 or 404.
# Three rows have to say yes to nobody: `/register`, `/login` and `/token`.
# The admins' five rows should say yes in the last column alone.
# On the untouched lesson four of them say yes everywhere: forgotten.
# A new route shows up here by itself, unless it is hidden from the documentation.
# So hide none: Mallory guesses addresses. (The last row closed accounts, so start afresh.)
#
# ## Defend: your turn
#
# Work in `lessons/lesson_09_roles`. `BRIEF.md` there tells all the rules.
#
# **Your turn 1.** Ask for a role, in `require_role` in `security.py`. Then leave the roles out of the token, in `login.py` (not graded).
#
# <details><summary>Hint 1</summary>A token is as old as its login. Who knows which roles its user has now?</details>
# <details><summary>Hint 2</summary><code>get_current_user</code> has read the user from the database, and the row has <code>roles</code>: a list of names.</details>
# <details><summary>Hint 3</summary>Let <code>guard</code> take <code>user: CurrentUser</code> alone. Raise the 403 if <code>role not in user.roles</code>: in a list, <code>in</code> compares whole names.</details>
#
# **Your turn 2.** Guard a whole router, in `admin.py`.
#
# <details><summary>Hint 1</summary>One route of this file has a guard, and four have none. Which line could all five share?</details>
# <details><summary>Hint 2</summary><code>APIRouter</code> takes a list <code>dependencies</code>, as a route does. They run before each of its routes.</details>
# <details><summary>Hint 3</summary>Write <code>APIRouter(dependencies=[Depends(require_role(ADMIN))])</code>, and take the guard off <code>/admin</code>.</details>
#
# **Your turn 3.** Let the admin manage users: `create_user` in `admin.py`, `change_account` in `app.py`.
#
# <details><summary>Hint 1</summary>Which route opens accounts already? Look at what it does with the password.</details>
# <details><summary>Hint 2</summary><code>create_user</code> needs <code>hash_password</code> and <code>add_account</code>. <code>change_account</code> finds the caller alone.</details>
# <details><summary>Hint 3</summary>In <code>change_account</code>, call <code>find_by_id</code> if the id is the caller's own, or if <code>ADMIN in user.roles</code>.</details>
#
# **Your turn 4.** Keep the last admin, in `keeping_an_admin` in `roles.py`.
#
# <details><summary>Hint 1</summary>Two admins dismiss each other. Each request counts first: how many does each of them see?</details>
# <details><summary>Hint 2</summary>Change first, count before you commit. <code>db.rollback()</code> takes the change back. A write makes the next one wait.</details>
# <details><summary>Hint 3</summary>Note <code>has_admin(db)</code>, then <code>yield</code>. Had one, has none? Roll back and raise <code>LastAdmin</code>. For PostgreSQL, begin with a write: <code>db.execute(update(UserRole).where(UserRole.role == ADMIN).values(role=ADMIN))</code>.</details>
#
# Save, and predict again.

# %% tags=["predict"]
predict("After your change: Mallory asks for the list. Which status?", ...)

# %%
live(9, ADMIN_PASSWORD=olga.password)
cards = [one.sign_up() for one in (alice, mallory)]
cards = [one.sign_in() for one in (alice, mallory, olga)]
card = mallory.get("/users", token=mallory.token)
display(reveal("After your change: Mallory asks for the list. Which status?", card), card)
who_may()

# %% [markdown]
# And the workbook's collection of attacks, each on an empty service.

# %%
raids = ["list_every_user", "make_oneself_admin", "lock_out_the_admin", "demoted_admins_token"]
for raid in [*raids, "role_that_contains_admin", "dismiss_the_last_admin"]:
    raided = attack(raid)
    raided.cards.clear()  # six cards would fill the page
    display(raided)

# %% [markdown]
# ## Checkpoint
#
# These are the graded checks, as your teacher runs them.

# %%
check(9)

# %% [markdown]
# ## Seen in the wild
#
# **Counted first, deleted later.** This app keeps its last admin, too. It counts, then it deletes.
# Olga and Bob dismiss each other at one moment, again and again. Each round begins with both.

# %% tags=["predict"]
predict("Two admins dismiss each other, sixty times. Does one always stay?", ...)

# %%
from concurrent.futures import ThreadPoolExecutor

wild("count_then_delete")
with ThreadPoolExecutor() as at_once:
    for number in range(1, 61):
        change("INSERT OR IGNORE INTO admins VALUES ('olga'), ('bob')")
        one = at_once.submit(olga.delete, "/admins/bob", token="olgas-token")
        two = at_once.submit(bob.delete, "/admins/olga", token="bobs-token")
        cards = [one.result(), two.result()]
        if not (left := table("admins", title=f"The admins after round {number}")).rows:
            break
display(*cards, left)
reveal("Two admins dismiss each other, sixty times. Does one always stay?", bool(left.rows))

# %% [markdown]
# Each request counted two before the other had deleted anything. That is a **race condition**.
# Your answer writes before it counts. The database lets one writer in at a time, so the second waits.
#
# **The role in the token.** This app writes the role into the token at the login.
# Olga and Mallory log in as admins. Then Olga demotes Mallory.

# %%
wild("role_in_the_token", SECRET_KEY="a key of thirty-two bytes or more")
cards = [one.sign_in() for one in (olga, mallory)]
olga.put("/users/mallory/role", token=olga.token, json={"role": "user"})
display(mallory.get("/admin", token=mallory.token))
mallory.put("/users/mallory/role", token=mallory.token, json={"role": "admin"})

# %% [markdown]
# For an hour she comes in as before. In that time she can take the role back.
#
# **The password comes back.** One model serves as body, table and answer.

# %%
wild("password_echoed")
olga.post("/users", token="olgas-token", json=alice.credentials)

# %% [markdown]
# **Pages that never ran.** Two more files were printed and never started. Try to import them.

# %%
import warnings
from importlib import import_module

warnings.simplefilter("ignore", RuntimeWarning)  # "never awaited": that is the mistake
for name in ["missing_class", "async_factory"]:
    try:
        import_module(f"notebooks.wild.{name}.app")
    except (ImportError, AssertionError, TypeError) as problem:
        print(f"{name}: {type(problem).__name__}: {problem}")

# %% [markdown]
# The first asks FastAPI for a class that it never had.
# The second wrote `async def require_role`. Calling it gives a promise of a guard, and no guard.
# A factory is called while the app is built, so it must be plain `def`.
#
# ## You might ask
#
# **Can I have one token for all students, that is never good for admin routes?** Better not one for all.
# With one shared token you cannot tell Alice from Bob, nor shut out Bob alone.
# Give each student an account without a role. Their tokens are never good for admin routes.
# No token is good by itself here. The guard asks what its owner may do now.
#
# **Where are the real authorization and permissions?** In three places. An owner's question is asked at the thing: lesson 8.
# A role's question is asked at the router: here. Lesson 10 adds what a token was made for.
# Bigger services let a role stand for a list of permissions. The check stays the same: whole names, fresh from the database.
#
# **Is a look at the database for each request not slow?** It is the same look that finds the user.
# The roles come along in one question.
#
# **Why 403 here, and 404 for another's note?** Everybody may know that there is an admin area.
# That Alice has a note number 7 is hers to know.
#
# **May I show an admin button by a claim in the token?** Yes. A button decides nothing. The guard does.
#
# ## Recap
#
# - 401: who are you? 403: I know you, and you may not.
# - The role stands in the database and is read at each request.
# - Compare whole names.
# - One guard on the router forgets no route. The grid shows what stands outside.
# - Count after you changed, before you commit, one at a time.
#
# **Still open.** Olga's token opens all that Olga may do, even in an app that only reads notes.
# Lesson 10 makes tokens for less.
#
# **Read on.** OWASP API5:2023 is about forgotten guards, CWE-367 about races.
# *Bigger Applications* and *Advanced Dependencies* are pages of the FastAPI tutorial.
