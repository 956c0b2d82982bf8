"""The file gpu_metrics: a packed struct that begins with its size and two revision numbers.

The layouts are those of drivers/gpu/drm/amd/include/kgd_pp_interface.h in the kernel. A line consists of a type of Python's
struct module, a count for arrays, and the fields. The driver fills the struct with ones before it writes the values that
the GPU provides, so all other values are all ones, including the padding. Q*0 is the start of a nested struct: it has no
size, but the alignment of the struct.

xcp/xcp_metrics has a struct of the same kind with the part that is about one compute partition (PARTITION_V1_0).

1.6 is the version with the activity of each partition; an earlier 1.6 without it was reverted in Linux.
"""
import struct

V1_3 = (1, 3, '''
H temperature_edge temperature_hotspot temperature_mem temperature_vrgfx temperature_vrsoc temperature_vrmem
H average_gfx_activity average_umc_activity average_mm_activity average_socket_power
Q energy_accumulator system_clock_counter
H average_gfxclk_frequency average_socclk_frequency average_uclk_frequency
H average_vclk0_frequency average_dclk0_frequency average_vclk1_frequency average_dclk1_frequency
H current_gfxclk current_socclk current_uclk current_vclk0 current_dclk0 current_vclk1 current_dclk1
I throttle_status
H current_fan_speed pcie_link_width pcie_link_speed padding
I gfx_activity_acc mem_activity_acc
H*4 temperature_hbm
Q firmware_timestamp
H voltage_soc voltage_gfx voltage_mem padding1
Q indep_throttle_status
''')
V1_6 = (1, 6, '''
H temperature_hotspot temperature_mem temperature_vrsoc curr_socket_power average_gfx_activity average_umc_activity
Q energy_accumulator system_clock_counter
I accumulation_counter prochot_residency_acc ppt_residency_acc
I socket_thm_residency_acc vr_thm_residency_acc hbm_thm_residency_acc gfxclk_lock_status
H pcie_link_width pcie_link_speed xgmi_link_width xgmi_link_speed
I gfx_activity_acc mem_activity_acc
Q pcie_bandwidth_acc pcie_bandwidth_inst
Q pcie_l0_to_recov_count_acc pcie_replay_count_acc pcie_replay_rover_count_acc
I pcie_nak_sent_count_acc pcie_nak_rcvd_count_acc
Q*8 xgmi_read_data_acc xgmi_write_data_acc
Q firmware_timestamp
H*8 current_gfxclk
H*4 current_socclk current_vclk0 current_dclk0
H current_uclk num_partition
''' + ''.join(f'''
Q*0 xcp{n}
I*8 xcp{n}_gfx_busy_inst
H*32 xcp{n}_jpeg_busy
H*4 xcp{n}_vcn_busy
Q*8 xcp{n}_gfx_busy_acc
''' for n in range(8)) + '''
I pcie_lc_perf_other_end_recovery
''')
V1_8 = (1, 8, '''
H temperature_hotspot temperature_mem temperature_vrsoc curr_socket_power average_gfx_activity average_umc_activity
Q mem_max_bandwidth energy_accumulator system_clock_counter
I accumulation_counter prochot_residency_acc ppt_residency_acc
I socket_thm_residency_acc vr_thm_residency_acc hbm_thm_residency_acc gfxclk_lock_status
H pcie_link_width pcie_link_speed xgmi_link_width xgmi_link_speed
I gfx_activity_acc mem_activity_acc
Q pcie_bandwidth_acc pcie_bandwidth_inst
Q pcie_l0_to_recov_count_acc pcie_replay_count_acc pcie_replay_rover_count_acc
I pcie_nak_sent_count_acc pcie_nak_rcvd_count_acc
Q*8 xgmi_read_data_acc xgmi_write_data_acc
H*8 xgmi_link_status
H padding
Q firmware_timestamp
H*8 current_gfxclk
H*4 current_socclk current_vclk0 current_dclk0
H current_uclk num_partition
''' + ''.join(f'''
Q*0 xcp{n}
I*8 xcp{n}_gfx_busy_inst
H*40 xcp{n}_jpeg_busy
H*4 xcp{n}_vcn_busy
Q*8 xcp{n}_gfx_busy_acc xcp{n}_below_host_limit_ppt_acc xcp{n}_below_host_limit_thm_acc
Q*8 xcp{n}_low_utilization_acc xcp{n}_below_host_limit_total_acc
''' for n in range(8)) + '''
I pcie_lc_perf_other_end_recovery
''')
PARTITION_V1_0 = (1, 0, '''
H*8 current_gfxclk
H*4 current_socclk current_vclk0 current_dclk0
H current_uclk padding
I*8 gfx_busy_inst
H*40 jpeg_busy
H*4 vcn_busy
Q*8 gfx_busy_acc below_host_limit_ppt_acc below_host_limit_thm_acc low_utilization_acc below_host_limit_total_acc
''')
V2_1 = (2, 1, '''
H temperature_gfx temperature_soc
H*8 temperature_core
H*2 temperature_l3
H average_gfx_activity average_mm_activity
Q system_clock_counter
H average_socket_power average_cpu_power average_soc_power average_gfx_power
H*8 average_core_power
H average_gfxclk_frequency average_socclk_frequency average_uclk_frequency
H average_fclk_frequency average_vclk_frequency average_dclk_frequency
H current_gfxclk current_socclk current_uclk current_fclk current_vclk current_dclk
H*8 current_coreclk
H*2 current_l3clk
I throttle_status
H fan_pwm
H*3 padding
''')
V2_4 = (2, 4, V2_1[2] + '''
Q indep_throttle_status
H average_temperature_gfx average_temperature_soc
H*8 average_temperature_core
H*2 average_temperature_l3
H average_cpu_voltage average_soc_voltage average_gfx_voltage
H average_cpu_current average_soc_current average_gfx_current
''')

# Bits of indep_throttle_status (SMU_THROTTLER_*) and of throttle_status on Navi 3x (THROTTLER_*).
INDEP_TEMP_HOTSPOT = 1 << 36
SMU13_TEMP_HOTSPOT = 1 << 1


def fields(layout):
    """Yields (name, type, count) of each field."""
    for line in layout.split('\n'):
        kind, *names = line.split() or ['']
        code, _, count = kind.partition('*')
        for name in names:
            yield name, code, int(count or 1)


def packed(version, values):
    format_revision, content_revision, layout = version
    data = bytearray(4)
    values = dict(values)
    widest = 2
    for name, code, count in fields(layout):
        width = struct.calcsize(f'<{code}')
        widest = max(widest, width)
        data += b'\xff' * (-len(data) % width)
        ones = 2 ** (8 * width) - 1
        value = values.pop(name, ones)
        numbers = list(value) if isinstance(value, (list, tuple)) else [value] * count
        data += struct.pack(f'<{count}{code}', *numbers, *[ones] * (count - len(numbers)))
    assert not values, f'gpu_metrics {format_revision}.{content_revision} has no {", ".join(values)}'
    data += b'\xff' * (-len(data) % widest)
    data[:4] = struct.pack('<HBB', len(data), format_revision, content_revision)
    return bytes(data)
