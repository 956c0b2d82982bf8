"""The machines that tests/rigs/make-gpu-rig writes: made-up computers with GPUs.

model.py        what a card is: Model (the product), Slot (where it is plugged in), Load (what it does), Card (all)
navi.py, instinct.py, apu.py, foreign.py    the products, as data
card.py, kfd.py, gpu_metrics.py, kernel_text.py    what the kernel shows of a card, as amdgpu and KFD write it
host.py         the rest of the machine: /proc and the name list of libdrm
machine.py      cards and processes put together
machines.py     which machine stands in which rig

A new card is a Model in one of the product files, or `replace(RX_6800, device='0x73df', ...)`, and a Card in
machines.py that says in which slot it is and what it does. A file that this card shows otherwise, or not at all, goes
into the Card's `device` or `hwmon` ({'gpu_busy_percent': 150, 'vbios_version': None}).

These modules stand beside tests/rigs and not in it because every folder there is a machine.
"""
