"""The formats of tables in amdgpu's and KFD's files."""


def levels(values, marked):
    return '\n'.join(f'{i}: {value} {"*" if i == marked else ""}' for i, value in enumerate(values))


def properties(values):
    return '\n'.join(f'{name} {value}' for name, value in values.items())


def profile_table(names, active):
    """pp_power_profile_mode of Navi 2x: a header, and three clocks for each profile."""
    head = ('PROFILE_INDEX(NAME) CLOCK_TYPE(NAME) FPS MinFreqType MinActiveFreqType MinActiveFreq '
            'BoosterFreqType BoosterFreq PD_Data_limit_c PD_Data_error_coeff '
            'PD_Data_error_rate_coeff')
    rows = [head]
    for index, name in enumerate(names):
        rows.append(f'{index:2} {name:>14}{"*" if name == active else " "}:')
        for clock, (domain, limit) in enumerate(
                (('GFXCLK', 4587520), ('SOCCLK', 3276800), ('MEMLK', 327680))):
            rows.append(f'{clock:21}({domain:>13}) {0:7} {5:7} {1:7} {0:7} {4:7} {800:7} '
                        f'{limit:7} {-65536:7} {0:7}')
    return '\n'.join(rows)


def profile_table_13(names, active):
    """The same for Navi 3x: without MinFreqType, two clocks."""
    head = ('PROFILE_INDEX(NAME) CLOCK_TYPE(NAME) FPS MinActiveFreqType MinActiveFreq BoosterFreqType BoosterFreq '
            'PD_Data_limit_c PD_Data_error_coeff PD_Data_error_rate_coeff')
    rows = [head]
    for index, name in enumerate(names):
        rows.append(f'{index:2} {name:>14}{"*" if name == active else " "}:')
        for clock, (domain, limit) in enumerate((('GFXCLK', 4587520), ('FCLK', 327680))):
            rows.append(f'{"":19} {clock}({domain:>13}) {0:7} {1:7} {0:7} {4:7} {800:7} {limit:7} {-3276:7} {-65536:7}')
    return '\n'.join(rows)


def profile_list(names, active):
    """The same for Instinct and APUs: one line per profile."""
    return '\n'.join(f'{index:2} {name:>14}{"*" if name == active else " "}' for index, name in enumerate(names))
