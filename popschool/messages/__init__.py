"""What people are told: by mail or SMS, and always on a page too.

Owns: notice. Every message that leaves has its twin on the person's own page, so nobody depends on a mailbox.
"""
