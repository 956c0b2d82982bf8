"""Random changes of a copied machine, in place and by rename, each of which can be undone."""
import os
import random
import re
import shutil


class MachineChanges:
    def __init__(self, rig, seed):
        self.rig = rig
        self.aside = rig.parent / "aside"  # what was removed; not part of the machine
        self.aside.mkdir()
        self.random = random.Random(seed)
        self.undo = []  # functions that restore what was before each change
        self.moved = 0

    def make_one(self):
        """Changes something, or undoes the last change. Returns what was done, for messages."""
        if self.undo and self.random.random() < 0.45:
            what, restore = self.undo.pop()
            restore()
            return f"undone: {what}"
        kind = self.random.choice((
            self.write, self.write, self.write, self.replace, self.replace, self.remove, self.hide, self.rename,
            self.rename, self.point_elsewhere, self.point_elsewhere, self.add_beside, self.exchange, self.replace_root))
        return kind()

    def undo_all(self):
        while self.undo:
            self.undo.pop()[1]()

    def _paths(self, wanted):
        found = []
        for top in ("sys", "proc"):
            for directory, directories, files in os.walk(self.rig / top):
                for name in directories + files:
                    path = os.path.join(directory, name)
                    if wanted(path):
                        found.append(path)
        return sorted(found)

    def _choose(self, wanted):
        return self.random.choice(self._paths(wanted) or [os.path.join(self.rig, "proc", "meminfo")])

    def _file(self):
        return self._choose(lambda path: os.path.isfile(path) and not os.path.islink(path))

    def _directory(self):
        """Rather one of a device than of its settings."""
        directories = self._paths(lambda path: os.path.isdir(path) and not os.path.islink(path))
        devices = [path for path in directories
                   if re.search(r"/(md\w*|dev-\w+|sd\w+|nvme\w+|hwmon\d+|slaves|node\d+|temp\w+|mc\d+)$", path)]
        return self.random.choice(devices if devices and self.random.random() < 0.7 else directories)

    def _link(self):
        return self._choose(os.path.islink)

    def _done(self, what, path, restore):
        self.undo.append((f"{what} {os.path.relpath(path, self.rig)}", restore))
        return self.undo[-1][0]

    def _other_text(self, text):
        """With another digit, or another line."""
        digits = [match.start() for match in re.finditer(rb"\d", text)]
        if not digits:
            return b"other\n" if text.endswith(b"\n") else b"other"
        at = self.random.choice(digits)
        return text[:at] + str(self.random.randrange(1, 10)).encode() + text[at + 1:]

    def write(self):
        path = self._file()
        with open(path, "rb") as file:
            before = file.read()

        def put(text):
            with open(path, "wb") as file:
                file.write(text)
        put(self._other_text(before))
        return self._done("written", path, lambda: put(before))

    def replace(self):
        path = self._file()
        with open(path, "rb") as file:
            before = file.read()

        def put(text):
            with open(self.aside / "next", "wb") as file:
                file.write(text)
            os.rename(self.aside / "next", path)
        put(self._other_text(before))
        return self._done("replaced", path, lambda: put(before))

    def _move_away(self, path):
        self.moved += 1
        place = self.aside / str(self.moved)
        os.rename(path, place)
        return lambda: os.rename(place, path)

    def remove(self):
        path = self.random.choice((self._file, self._directory, self._link))()
        return self._done("removed", path, self._move_away(path))

    def hide(self):
        """No effect on root."""
        path = self.random.choice((self._file, self._directory))()
        mode = os.stat(path).st_mode & 0o7777
        # A directory that may not be searched could not be walked by this test either.
        os.chmod(path, mode & ~0o444)
        return self._done("hidden", path, lambda: os.chmod(path, mode))

    def rename(self):
        """hwmon3 to hwmon30, md0 to md00."""
        path = self.random.choice((self._directory, self._directory, self._link, self._file))()
        to = path + "0"
        if os.path.lexists(to):
            return self.write()
        os.rename(path, to)
        return self._done("renamed", path, lambda: os.rename(to, path))

    def _put_link(self, path, target):
        if self.random.random() < 0.5:
            os.symlink(target, self.aside / "link")
            os.rename(self.aside / "link", path)
        else:
            os.unlink(path)
            os.symlink(target, path)

    def point_elsewhere(self):
        """To what another link in the directory leads to, or nowhere."""
        path = self._link()
        before = os.readlink(path)
        others = [os.readlink(other) for other in (os.path.join(os.path.dirname(path), name)
                                                   for name in sorted(os.listdir(os.path.dirname(path))))
                  if os.path.islink(other) and os.readlink(other) != before]
        target = self.random.choice(others) if others else "nowhere"
        self._put_link(path, target)
        return self._done(f"led to {target}:", path, lambda: self._put_link(path, before))

    def add_beside(self):
        """A copy of a directory, link or file, as a device that was added."""
        path = self.random.choice((self._directory, self._link, self._file))()
        to = re.sub(r"(\d*|\w)$", lambda end: "9" if end[0].isdigit() or not end[0] else "z", path, count=1)
        if os.path.lexists(to):
            return self.write()
        if os.path.islink(path) or not os.path.isdir(path):
            shutil.copy2(path, to, follow_symlinks=False)
        else:
            shutil.copytree(path, to, symlinks=True)
        return self._done("added", to, self._remover(to))

    def _remover(self, path):
        return lambda: shutil.rmtree(path) if os.path.isdir(path) and not os.path.islink(path) else os.unlink(path)

    def exchange(self):
        """Of two neighbours."""
        path = self.random.choice((self._directory, self._link))()
        siblings = [name for name in sorted(os.listdir(os.path.dirname(path))) if name != os.path.basename(path)
                    and os.path.isdir(os.path.join(os.path.dirname(path), name)) == os.path.isdir(path)]
        if not siblings:
            return self.write()
        other = os.path.join(os.path.dirname(path), self.random.choice(siblings))

        def exchange():
            os.rename(path, self.aside / "first")
            os.rename(other, path)
            os.rename(self.aside / "first", other)
        exchange()
        return self._done(f"exchanged with {os.path.basename(other)}:", path, exchange)

    def replace_root(self):
        """By a copy of itself."""
        top = self.rig / self.random.choice(("sys", "proc"))

        def replace():
            self.moved += 1
            old = self.aside / str(self.moved)
            os.rename(top, old)
            shutil.copytree(old, top, symlinks=True)
            shutil.rmtree(old)
        replace()
        return self._done("replaced", top, lambda: None)
