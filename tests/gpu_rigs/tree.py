"""The files and links of one folder of a rig, gathered before any is written."""
import os


class Tree:
    def __init__(self):
        self.files = {}
        self.links = {}

    def write(self, path, text):
        """Text ends in a newline, as nearly all files of the kernel do; bytes are written as they are."""
        self.files[path] = text if isinstance(text, bytes) else f'{text}\n'.encode()

    def write_all(self, folder, texts):
        """A file whose text is None is not there."""
        for name, text in texts.items():
            if text is not None:
                self.write(f'{folder}/{name}', text)

    def link(self, path, target):
        """Both from the top of the folder. The link itself is as the kernel writes it: relative, and it ends in the
        target's own name also where the target is a folder above it."""
        folder, name = os.path.split(target)
        text = os.path.join(os.path.relpath(folder, os.path.dirname(path)), name)
        assert self.links.setdefault(path, text) == text, f'two things are {path}'


def differences(folder, tree):
    """The paths in a folder that are not as the tree has them."""
    wrong = [path for path, data in tree.files.items()
             if not (folder / path).is_file() or (folder / path).read_bytes() != data]
    wrong += [path for path, target in tree.links.items()
              if not (folder / path).is_symlink() or os.readlink(folder / path) != target]
    return [str(folder / path) for path in wrong]


def strangers(folder, tree):
    """The paths in a folder that the tree knows nothing of."""
    found = [os.path.relpath(os.path.join(parent, name), folder)
             for parent, folders, names in os.walk(folder)
             for name in names + [each for each in folders if os.path.islink(os.path.join(parent, each))]]
    return [str(folder / path) for path in found if path not in tree.files and path not in tree.links]


def write(folder, tree):
    for path, data in tree.files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    for path, target in tree.links.items():
        link = folder / path
        link.parent.mkdir(parents=True, exist_ok=True)
        link.unlink(missing_ok=True)
        link.symlink_to(target)
