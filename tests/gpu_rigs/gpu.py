"""The files of the PCI core, amdgpu and DRM for one GPU."""
from .kernel_text import levels


def add_bridges(tree, slot):
    parts = slot.path.split('/')
    for index, bridge in enumerate(slot.bridges):
        tree.write_all('/'.join(['devices', *parts[:index + 2]]), {
            'vendor': bridge.vendor, 'device': bridge.device, 'class': '0x060400',
            'current_link_speed': bridge.speed, 'current_link_width': bridge.width,
            'max_link_speed': bridge.max_speed, 'max_link_width': bridge.max_width,
            'power/runtime_status': 'active', **bridge.files,
        })


def pci_ids(vendor, device, subsystem, pci_class):
    """The contents of uevent: the driver, the IDs of the device, the slot and the module alias."""
    def upper(text):
        return text[2:].upper()
    code = pci_class[2:].upper()
    return (f'PCI_CLASS={code.lstrip("0")}', f'PCI_ID={upper(vendor)}:{upper(device)}',
            f'PCI_SUBSYS_ID={upper(subsystem[0])}:{upper(subsystem[1])}',
            f'MODALIAS=pci:v{upper(vendor):0>8}d{upper(device):0>8}sv{upper(subsystem[0]):0>8}'
            f'sd{upper(subsystem[1]):0>8}bc{code[:2]}sc{code[2:4]}i{code[4:]}')


def uevent(driver, address, ids):
    return '\n'.join((f'DRIVER={driver}', *ids[:3], f'PCI_SLOT_NAME={address}', ids[3]))


def pci_files(gpu):
    model, slot = gpu.model, gpu.slot
    return {
        'vendor': '0x1002', 'device': model.device, 'revision': model.revision, 'class': model.pci_class,
        'subsystem_vendor': model.subsystem[0], 'subsystem_device': model.subsystem[1],
        'boot_vga': slot.boot_vga if model.pci_class == '0x030000' else None,
        'enable': 1, 'numa_node': slot.numa_node, 'local_cpulist': '0-7', 'power_state': 'D0',
        'current_link_speed': model.link[0], 'current_link_width': model.link[1],
        'max_link_speed': model.link[0], 'max_link_width': model.link[1],
        'power/control': 'on', 'power/runtime_status': 'active',
        'power/runtime_active_time': 86400000, 'power/runtime_suspended_time': 0,
        'uevent': uevent('amdgpu', slot.address,
                         pci_ids('0x1002', model.device, model.subsystem, model.pci_class)),
    }


def amdgpu_files(gpu):
    model, slot, load = gpu.model, gpu.slot, gpu.load
    unique_id = None if gpu.unique_id is None else f'{gpu.unique_id:016x}'
    return {
        'gpu_busy_percent': load.busy, 'mem_busy_percent': load.memory_busy,
        'mem_info_vram_total': model.vram, 'mem_info_vram_used': load.vram,
        'mem_info_vis_vram_total': model.visible_vram,
        'mem_info_vis_vram_used': min(load.vram, model.visible_vram // 2),
        'mem_info_gtt_total': model.gtt, 'mem_info_gtt_used': load.gtt,
        'mem_info_vram_vendor': model.vram_vendor,
        'pcie_replay_count': 0,
        'power_dpm_force_performance_level': 'auto', 'power_dpm_state': 'performance',
        **{f'pp_dpm_{name}': clock for name, clock in load.clocks.items()},
        'pp_dpm_pcie': levels([f'{speed}, x{slot.lanes} {megahertz}Mhz' for speed, megahertz in slot.pcie_levels],
                              load.pcie_level) if slot.pcie_levels else None,
        'unique_id': unique_id, 'serial_number': gpu.serial or unique_id,
        'gpu_metrics': model.gpu_metrics(gpu),
        **{f'fw_version/{name}_fw_version': f'0x{version:08x}' for name, version in model.firmware.items()},
        **model.device_files,
    }


def hwmon_files(gpu):
    model, load = gpu.model, gpu.load
    files = {'name': 'amdgpu', 'freq1_input': load.clocks['sclk'].now * 10**6, 'freq1_label': 'sclk'}
    if model.memory_clock_sensor:
        files |= {'freq2_input': load.clocks['mclk'].now * 10**6, 'freq2_label': 'mclk'}
    for number, rail in enumerate(model.rails):
        files |= {f'in{number}_input': load.millivolts[rail], f'in{number}_label': rail}
    for name in model.power:
        files |= {name: load.watts * 10**6, 'power1_label': 'PPT'}
    if model.power_cap:
        default, most = model.power_cap
        files |= {'power1_cap': default * 10**6, 'power1_cap_default': default * 10**6,
                  'power1_cap_max': most * 10**6, 'power1_cap_min': 0}
    if model.fan_max_rpm is not None:
        files |= {'fan1_input': load.fan_rpm, 'fan1_target': load.fan_rpm, 'fan1_enable': 0,
                  'fan1_min': 0, 'fan1_max': model.fan_max_rpm,
                  'pwm1': load.pwm, 'pwm1_enable': 2, 'pwm1_min': 0, 'pwm1_max': 255}
    for sensor, (number, critical, emergency) in model.sensors.items():
        files |= {f'temp{number}_input': load.temperatures[sensor] * 1000, f'temp{number}_label': sensor}
        if critical is not None:
            files |= {f'temp{number}_crit': critical * 1000, f'temp{number}_crit_hyst': -273150}
        if emergency is not None:
            files[f'temp{number}_emergency'] = emergency * 1000
    return files


def add_drm(tree, directory, number, connectors):
    """The DRM nodes of a GPU and its connectors, which are numbered across the machine."""
    for name, minor in ((f'card{number}', number), (f'renderD{128 + number}', 128 + number)):
        drm = f'{directory}/drm/{name}'
        tree.write(f'{drm}/dev', f'226:{minor}')
        tree.link(f'{drm}/device', directory)
        tree.link(f'{drm}/subsystem', 'class/drm')
        tree.link(f'class/drm/{name}', drm)
    for connector in connectors:
        name = f'card{number}-{connector}-{number + 1}'
        drm = f'{directory}/drm/card{number}/{name}'
        tree.write_all(drm, {'status': 'disconnected', 'enabled': 'disabled'})
        tree.link(f'{drm}/device', f'{directory}/drm/card{number}')
        tree.link(f'class/drm/{name}', drm)


def add_gpu(tree, gpu):
    directory = f'devices/{gpu.slot.path}'
    address = gpu.slot.address
    add_bridges(tree, gpu.slot)
    tree.write_all(directory, pci_files(gpu) | amdgpu_files(gpu) | gpu.device)
    tree.link(f'{directory}/driver', 'bus/pci/drivers/amdgpu')
    tree.link(f'{directory}/subsystem', 'bus/pci')
    tree.link(f'bus/pci/drivers/amdgpu/{address}', directory)
    tree.link(f'bus/pci/devices/{address}', directory)
    name = f'hwmon{gpu.slot.hwmon}'
    tree.write_all(f'{directory}/hwmon/{name}', hwmon_files(gpu) | gpu.hwmon)
    tree.link(f'class/hwmon/{name}', f'{directory}/hwmon/{name}')
    tree.link(f'{directory}/hwmon/{name}/device', directory)
    add_drm(tree, directory, gpu.number, gpu.model.connectors)


def add_partition_node(tree, index, number):
    """A DRM node of MI300's further compute partitions. They exist in SPX mode, too, and belong to no PCI function."""
    directory = f'devices/platform/amdgpu_xcp_{index}'
    tree.write(f'{directory}/uevent', f'MODALIAS=platform:amdgpu_xcp_{index}')
    tree.link(f'{directory}/subsystem', 'bus/platform')
    tree.link(f'bus/platform/devices/amdgpu_xcp_{index}', directory)
    add_drm(tree, directory, number, ())
