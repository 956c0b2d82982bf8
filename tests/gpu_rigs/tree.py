"""The files and links of one directory of a rig, collected before they are written."""
import os


class Tree:
    def __init__(self):
        self.files = {}
        self.links = {}

    def write(self, path, text):
        """Adds a file. Text gets a newline at its end, like nearly all files of the kernel; bytes are written unchanged."""
        self.files[path] = text if isinstance(text, bytes) else f'{text}\n'.encode()

    def write_all(self, directory, texts):
        """Adds files; those whose text is None are absent."""
        for name, text in texts.items():
            if text is not None:
                self.write(f'{directory}/{name}', text)

    def link(self, path, target):
        """Adds a link; both paths are relative to the top of the tree. As in the kernel, the link is relative and always
        ends in the name of the target, even if the target is a parent directory."""
        directory, name = os.path.split(target)
        text = os.path.join(os.path.relpath(directory, os.path.dirname(path)), name)
        assert self.links.setdefault(path, text) == text, f'two things are {path}'


def differences(directory, tree):
    """The paths in a directory that differ from the tree."""
    wrong = [path for path, data in tree.files.items()
             if not (directory / path).is_file() or (directory / path).read_bytes() != data]
    wrong += [path for path, target in tree.links.items()
              if not (directory / path).is_symlink() or os.readlink(directory / path) != target]
    return [str(directory / path) for path in wrong]


def unexpected_paths(directory, tree):
    """The paths in a directory that are not in the tree."""
    found = [os.path.relpath(os.path.join(parent, name), directory)
             for parent, directories, names in os.walk(directory)
             for name in names + [each for each in directories if os.path.islink(os.path.join(parent, each))]]
    return [str(directory / path) for path in found if path not in tree.files and path not in tree.links]


def write(directory, tree):
    for path, data in tree.files.items():
        file = directory / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    for path, target in tree.links.items():
        link = directory / path
        link.parent.mkdir(parents=True, exist_ok=True)
        link.unlink(missing_ok=True)
        link.symlink_to(target)
