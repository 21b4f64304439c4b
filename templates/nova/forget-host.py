#!/usr/bin/python3
# Written by mcp from nova/forget-host.py. Changes here are overwritten.
"""forget-host CONFIGURATION HOST: deletes what Nova remembers of a host that has left the cloud, in each of its cells.

It works on Nova's own objects: its API shows conductors and schedulers, and keeps quiet about the records of the APIs
themselves, by which an upgrade is refused. What is not there is no mistake, so that it may be run again.
"""
import sys

from nova import config, context, objects


def main(configuration: str, host: str) -> None:
    config.parse_args(["forget-host", "--config-file", configuration])
    objects.register_all()
    administrator = context.get_admin_context()
    for cell in objects.CellMappingList.get_all(administrator):
        with context.target_cell(administrator, cell) as inside:
            for service in objects.ServiceList.get_all(inside):
                if service.host == host:
                    service.destroy()
                    print(f"forgot {service.binary} on {host} in {cell.name}")


if __name__ == "__main__":
    main(*sys.argv[1:3])
