"""All the grader's code that a student's process can see.

The sandbox mounts this folder and nothing else of the grader: no reference, no seed, no judge.
Its modules import each other by their bare names, as the folder is on the path there.
"""
