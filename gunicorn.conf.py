"""What gunicorn reads when it is started in this folder."""

worker_class = "rewards_site.web.PatientWorker"
