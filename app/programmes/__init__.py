"""Programme folders and zip files -> ``Programme``; every defect named by file, table and key."""
