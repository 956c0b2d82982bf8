"""Certificates for tests, made by openssl in a directory: ca.crt, and NAME.crt and NAME.key signed by it."""
import pathlib
import subprocess
import tempfile


def openssl(*arguments, directory):
    subprocess.run(["openssl", *arguments], cwd=directory, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                   stderr=subprocess.PIPE)


class Certificates:
    def __init__(self, directory):
        self.directory = pathlib.Path(directory)
        self.make_ca("ca")

    def path(self, name):
        return str(self.directory / name)

    def make_ca(self, name):
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                "-keyout", f"{name}.key", "-out", f"{name}.crt", "-subj", f"/CN={name}",
                "-addext", "keyUsage=critical,keyCertSign,cRLSign", directory=self.directory)

    def make(self, name, names="DNS:localhost,IP:127.0.0.1", ca="ca", rsa=False, purpose=None, days=2):
        """A key and a certificate for these alternative names; DER:05:00 is a malformed list of them."""
        key = ["-newkey", "rsa:2048"] if rsa else ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
        openssl("req", *key, "-nodes", "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}",
                directory=self.directory)
        # As RFC 5280 demands, which clients may check strictly.
        extensions = ["subjectKeyIdentifier=hash", "authorityKeyIdentifier=keyid",
                      f"{'2.5.29.17' if names.startswith('DER:') else 'subjectAltName'}={names}"]
        if purpose:
            extensions.append(f"extendedKeyUsage={purpose}")
        with tempfile.NamedTemporaryFile("w") as file:
            file.write("\n".join(extensions))
            file.flush()
            openssl("x509", "-req", "-in", f"{name}.csr", "-CA", f"{ca}.crt", "-CAkey", f"{ca}.key", "-CAcreateserial",
                    "-days", str(days), "-extfile", file.name, "-out", f"{name}.crt", directory=self.directory)
