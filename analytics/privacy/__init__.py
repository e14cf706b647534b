"""What may be shown of members' own desks: blocks of them, the veil over states, and the gate before answers.

Pure functions of a site and of what was figured; whoever shows anything to anybody asks here, over HTTP or not.
"""
