"""The synthetic machines with GPUs that tests/rigs/make-gpu-rig writes.

model.py        the data of a GPU: Model (the product), Slot (where it is plugged in), Load (its activity), Gpu (all of it)
navi.py, before_navi.py, instinct.py, apu.py, foreign.py    the products
gpu.py, kfd.py, gpu_metrics.py, kernel_text.py    the files of a GPU as amdgpu and KFD write them
host.py         the rest of the machine: /proc and libdrm's list of names
machine.py      a machine: GPUs and processes
machines.py     the machine of each rig

A new GPU is a Model in one of the product files, or `replace(RX_6800, device='0x73df', ...)`, and a Gpu in machines.py
that defines its slot and its load. Files that differ for this GPU or are absent go into the Gpu's `device` or `hwmon`
({'gpu_busy_percent': 150, 'vbios_version': None}).

These modules are not in tests/rigs because every directory there is a machine.
"""
