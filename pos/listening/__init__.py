"""The doors by which tills reach us that speak no HTTP: sockets, serial lines, MQTT and folders, in one process.

What is read from a socket cannot be acknowledged. So it is written down (`spool`) before anything else happens to it,
read by an adapter and stored (`streams`), and let go of then. A door (`sockets`, `datagrams`, `serial_line`, `mqtt`,
`folders`) only brings bytes; `listener` keeps every door open and none of them waits for another.
"""
